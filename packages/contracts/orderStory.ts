/** An order with all that became of it, as staff read it. */
import Type, { type Static } from "typebox";
import { NotificationKind } from "./notification.ts";
import {
  DateText,
  FenAmount,
  Id,
  Instant,
  oneOf,
  OrderNoText,
  OrderState,
  PaymentState,
  RefundState,
  SeatClass,
  TicketState,
  TicketType,
} from "./vocabulary.ts";

const text = (description: string) => Type.String({ description });
const InstantOrNull = Type.Union([Instant, Type.Null()]);
const TextOrNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const AmountOrNull = Type.Union([FenAmount, Type.Null()]);

export const storyMoments = [
  "accepted",
  "paid",
  "moneyArrived",
  "refundMade",
  "refundSettled",
  "entered",
  "left",
  "told",
] as const;
export const StoryMoment = oneOf(
  storyMoments,
  "`accepted` it was answered with 202, `paid` money came that ticketed it, `moneyArrived` a provider took money, `refundMade` money was to go back, " +
    "`refundSettled` it was paid back, `entered` and `left` a gate let somebody through, `told` the account was told of it.",
);
export type StoryMoment = (typeof storyMoments)[number];

export const OrderStory = Type.Object({
  orderNo: OrderNoText,
  userId: Id,
  state: OrderState,
  endedBecause: TextOrNull("Code of the refusal by which it ended, as problem documents have it."),
  endedText: TextOrNull("The same in the language that was asked for."),
  totalFen: FenAmount,
  policyVersion: Type.Integer({ description: "Of the railway's rules that it was bought under." }),
  payBy: Instant,
  replaces: Type.Union([OrderNoText, Type.Null()], { description: "The order whose tickets these are in place of." }),
  lines: Type.Array(
    Type.Object({
      line: Type.Integer(),
      trainNumber: Type.String(),
      originDate: DateText,
      seatClass: SeatClass,
      fromName: Type.String(),
      toName: Type.String(),
      departAt: Instant,
      arriveAt: Instant,
    }),
  ),
  tickets: Type.Array(
    Type.Object({
      ticketNo: Type.String(),
      line: Type.Integer(),
      name: text("Its first character alone where the caller has no right to read who travels."),
      documentMasked: Type.String(),
      ticketType: TicketType,
      coachNo: Type.Integer(),
      seat: Type.String(),
      fareFen: FenAmount,
      state: TicketState,
      feeFen: AmountOrNull,
      refundFen: AmountOrNull,
      replacedBy: Type.Union([OrderNoText, Type.Null()]),
    }),
  ),
  payments: Type.Array(
    Type.Object({
      paymentNo: Type.String(),
      channel: Type.String(),
      state: PaymentState,
      amountFen: FenAmount,
      createdAt: Instant,
      trades: Type.Array(
        Type.Object({
          tradeNo: text("The provider's."),
          amountFen: FenAmount,
          paidAt: Instant,
          paysOrder: Type.Boolean({ description: "Otherwise all of it goes back." }),
        }),
      ),
      refunds: Type.Array(
        Type.Object({
          refundNo: Type.String(),
          ticketNo: TextOrNull("Null where it is not of one ticket."),
          amountFen: FenAmount,
          feeFen: FenAmount,
          reason: text("`ticketReturned`, `latePayment` and so on, as the books have it."),
          state: RefundState,
          attempts: Type.Integer(),
          createdAt: Instant,
          settledAt: InstantOrNull,
        }),
      ),
    }),
    {
      description:
        "Of this number. Tickets that replaced others are paid with the payment of the order that they replaced.",
    },
  ),
  told: Type.Array(
    Type.Object({
      at: Instant,
      kind: NotificationKind,
      mail: TextOrNull(
        "What became of the mail: `queued`, `sent`, `bounced`, `failed`, `dropped`; null where none was to go.",
      ),
      mailError: TextOrNull("What the mail server said last."),
    }),
    { description: "What the account was told of it, newest first." },
  ),
  moments: Type.Array(
    Type.Object({
      at: Instant,
      what: StoryMoment,
      of: text("A ticket, payment, refund, gate or kind of notification."),
    }),
    { description: "All that has a time, the earliest first." },
  ),
});
export type OrderStory = Static<typeof OrderStory>;

/** `/api/operations/orders`: orders as staff find them by what they have of them, and mails of an order that go once more. */
import Type, { type Static } from "typebox";
import { pageSizeMax } from "@chepiao/kernel";
import { OrderStory } from "./orderStory.ts";
import { route } from "./route.ts";
import {
  DateText,
  DocumentType,
  FenAmount,
  Id,
  Instant,
  OrderNoText,
  OrderState,
  SeatClass,
  TicketState,
  TrainNumber,
} from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "operations";
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });

const Way = {
  trainNumber: Type.String(),
  originDate: DateText,
  boardingDate: DateText,
  fromName: Type.String(),
  toName: Type.String(),
  departAt: Instant,
  seatClass: SeatClass,
};

export const OrderHit = Type.Object({
  orderNo: OrderNoText,
  userId: Id,
  state: OrderState,
  ...Way,
  totalFen: FenAmount,
  createdAt: Instant,
  passengers: Type.Array(
    Type.Object({
      ticketNo: Type.String(),
      name: Type.String({
        description: "Its first character alone where the caller has no right to read who travels.",
      }),
      documentMasked: Type.String(),
      state: TicketState,
    }),
  ),
  furtherWays: Type.Array(Type.Object(Way), { description: "Of its other lines, where it has any." }),
});
export type OrderHit = Static<typeof OrderHit>;

export const OrdersFound = Type.Object({
  orders: Type.Array(OrderHit, { description: "Newest first; closest names first where a name was asked for." }),
  next: Type.Union([Type.String(), Type.Null()], {
    description: "Where the next page begins, as `after` takes it; null where this is the last.",
  }),
  isComplete: Type.Boolean({
    description: "False while the index takes in what has changed: an order may be missing that is there in a moment.",
  }),
});
export type OrdersFound = Static<typeof OrdersFound>;

export const MailsAgain = Type.Object({
  count: Type.Integer({ description: "Mails that are due at once, or would be." }),
  mails: Type.Array(
    Type.Object({
      kind: Type.String(),
      at: Instant,
      state: Type.String(),
      error: Type.Union([Type.String(), Type.Null()]),
    }),
    { description: "As they were before." },
  ),
});
export type MailsAgain = Static<typeof MailsAgain>;

/** Why an act is done, as it stands on the audit trail. */
export const ReasonText = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S", description: "Why." });

export const ordersOperationsRoutes = {
  orders: route({
    method: "GET",
    path: "/api/operations/orders",
    summary: "Find orders by what is known of them",
    room,
    who: "readOrders",
    shed: "first",
    query: Type.Object(
      {
        orderNo: Type.Optional(
          Type.String({ pattern: "^E\\d{1,17}$", description: "The order's number, whole or its beginning." }),
        ),
        ticketNo: Type.Optional(Text("A ticket's number.")),
        account: Type.Optional(Text("Username, phone or mail address of who bought.")),
        name: Type.Optional(
          Text(
            "Of a passenger: a part of it, as it sounds, or with a mistake in it. Needs the right `readTravellers`.",
          ),
        ),
        document: Type.Optional(Text("A passenger's document number. Needs the right `readTravellers`.")),
        documentType: Type.Optional(DocumentType),
        train: Type.Optional(TrainNumber),
        date: Type.Optional(DateText),
        state: Type.Optional(OrderState),
        after: Type.Optional(
          Type.String({ pattern: "^\\d+(\\.\\d+)?_\\d{1,16}$", description: "`next` of the page before." }),
        ),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSizeMax })),
      },
      strict,
    ),
    answers: { 200: { description: "A page of orders; all conditions that were given hold.", schema: OrdersFound } },
    refusals: ["AccountUnknown", "DocumentInvalid"],
  }),
  order: route({
    method: "GET",
    path: "/api/operations/orders/:orderNo",
    summary: "An order with all that became of it",
    room,
    who: "readOrders",
    shed: "first",
    params: Type.Object({ orderNo: OrderNoText }),
    answers: {
      200: { description: "Travellers are named to whom has the right `readTravellers`.", schema: OrderStory },
    },
    refusals: ["OrderUnknown"],
  }),
  resendOrderMails: route({
    method: "POST",
    path: "/api/operations/orders/:orderNo/resend-mails",
    summary: "Mails of an order that never came are due once more",
    room,
    who: "resendNotifications",
    shed: "first",
    params: Type.Object({ orderNo: OrderNoText }),
    body: Type.Object(
      {
        reason: ReasonText,
        isDryRun: Type.Boolean({ description: "Says which mails these would be, and changes nothing." }),
      },
      strict,
    ),
    answers: { 200: { description: "Those that were refused, given up or dropped.", schema: MailsAgain } },
    refusals: ["OrderUnknown"],
  }),
};

/** An order with all that became of it: made of the books of the rooms that have them, when somebody of the staff asks. */
import { type OrderStory, type RefusalCode, refusals, type StoryMoment } from "@chepiao/contracts";
import { type EpochMs, formatInZone, type OrderId, orderNoOf, type UserId, type ZoneName } from "@chepiao/kernel";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { NotificationRecord, NotificationStore } from "@chepiao/ports/notification-store";
import type { OrderRecord, OrderStore, Passage, TicketRecord } from "@chepiao/ports/order-store";
import type { BookedPayment, PaymentStore } from "@chepiao/ports/payment-store";

export type StoryDeps = {
  readonly orders: Pick<OrderStore, "load">;
  readonly payments: Pick<PaymentStore, "booked" | "byOrder">;
  readonly notifications: Pick<NotificationStore, "ofUser">;
  readonly deliveries: Pick<Deliveries, "find">;
  readonly zone: ZoneName;
};
export type StoryAsked = {
  /** Otherwise of a name its first character alone. */
  readonly namesTravellers: boolean;
  readonly language: "en" | "zh";
};

/** An account that is told of more since the order was made has the rest in its message centre. */
const toldPage = 50;
const toldPagesMax = 10;
const mailsMax = 500;

type Told = NotificationRecord & { readonly mail: string | null; readonly mailError: string | null };

/** Null where no order of that id is in SQL: it is not there, or is accepted and not written yet. */
export async function storyOf(deps: StoryDeps, orderId: OrderId, asked: StoryAsked): Promise<OrderStory | null> {
  const order = await deps.orders.load(orderId);
  if (order === null) return null;
  const files = await deps.payments.byOrder(order.orderNo);
  const payments = await deps.payments.booked(files.map(({ payment }) => payment.paymentNo));
  return viewOf(order, payments, await toldOf(deps, order), asked, (at) => formatInZone(at, deps.zone));
}

/** What the account was told of this order, with what became of the mails; newest first. */
async function toldOf({ notifications, deliveries }: StoryDeps, order: OrderRecord): Promise<readonly Told[]> {
  const { userId, orderNo, acceptedAt } = order;
  const about = await toldSince(notifications, userId, acceptedAt);
  const told = about.filter(({ facts }) => facts.orderNo === orderNo);
  if (told.length === 0) return [];
  const mails = new Map(
    (await deliveries.find({ userId, limit: mailsMax })).map((each) => [each.notificationId, each] as const),
  );
  return told.map((each) => {
    const mail = mails.get(each.notificationId);
    return { ...each, mail: mail?.state ?? null, mailError: mail?.lastError ?? null };
  });
}

async function toldSince(store: StoryDeps["notifications"], userId: UserId, since: EpochMs) {
  const all: NotificationRecord[] = [];
  for (let page = 0; page < toldPagesMax; page++) {
    const last = all.at(-1);
    const found = await store.ofUser(userId, { limit: toldPage, ...(last ? { before: last } : {}) });
    all.push(...found);
    if (found.length < toldPage || found.at(-1)!.at < since) break;
  }
  return all.filter(({ at }) => at >= since);
}

type Moment = { readonly at: EpochMs; readonly what: StoryMoment; readonly of: string };
type Clock = (at: EpochMs) => string;

function viewOf(
  order: OrderRecord,
  payments: readonly BookedPayment[],
  told: readonly Told[],
  { namesTravellers, language }: StoryAsked,
  clock: Clock,
): OrderStory {
  const { endedBecause } = order;
  return {
    orderNo: order.orderNo,
    userId: order.userId,
    state: order.state,
    endedBecause,
    endedText: endedBecause === null ? null : refusals[endedBecause satisfies RefusalCode].say[language],
    totalFen: order.totalFen,
    policyVersion: order.policyVersion ?? 1,
    payBy: clock(order.payBy),
    replaces: order.replaces ? orderNoOf(order.replaces.orderId) : null,
    lines: order.lines.map(({ line, trainNumber, originDate, seatClass, fromName, toName, departAt, arriveAt }) => ({
      line,
      trainNumber,
      originDate,
      seatClass,
      fromName,
      toName,
      departAt: clock(departAt),
      arriveAt: clock(arriveAt),
    })),
    tickets: order.tickets.map((ticket) => ticketView(ticket, namesTravellers)),
    payments: payments.map((each) => paymentView(each, clock)),
    told: told.map(({ at, kind, mail, mailError }) => ({ at: clock(at), kind, mail, mailError })),
    moments: [...momentsOf(order), ...payments.flatMap(moneyMoments), ...told.map(toldMoment)]
      .toSorted((one, other) => one.at - other.at)
      .map((moment) => ({ ...moment, at: clock(moment.at) })),
  };
}

function ticketView(ticket: TicketRecord, namesTraveller: boolean): OrderStory["tickets"][number] {
  const { ticketNo, line, name, documentMasked, ticketType, coachNo, seat, fareFen, state, feeFen, refundFen } = ticket;
  return {
    ticketNo,
    line,
    name: namesTraveller ? name : nameMasked(name),
    documentMasked,
    ticketType,
    coachNo,
    seat,
    fareFen,
    state,
    feeFen,
    refundFen,
    replacedBy: ticket.replacedBy ?? null,
  };
}

/** As long as any other: of 王小明 and of Elizabeth no more is told than how they begin. */
export const nameMasked = (name: string): string => `${Array.from(name)[0] ?? ""}**`;

const paymentView = ({ payment, trades, refunds }: BookedPayment, clock: Clock): OrderStory["payments"][number] => ({
  paymentNo: payment.paymentNo,
  channel: payment.channel,
  state: payment.state,
  amountFen: payment.amountFen,
  createdAt: clock(payment.createdAt),
  trades: trades.map(({ tradeNo, amountFen, paidAt, paysOrder }) => ({
    tradeNo,
    amountFen,
    paidAt: clock(paidAt),
    paysOrder,
  })),
  refunds: refunds.map(({ refundNo, ticketNo, amountFen, feeFen, reason, state, attempts, createdAt, changedAt }) => ({
    refundNo,
    ticketNo,
    amountFen,
    feeFen,
    reason,
    state,
    attempts,
    createdAt: clock(createdAt),
    settledAt: state === "settled" ? clock(changedAt) : null,
  })),
});

const momentsOf = (order: OrderRecord): readonly Moment[] => [
  { at: order.acceptedAt, what: "accepted", of: order.orderNo },
  ...(order.paidAt === null ? [] : [{ at: order.paidAt, what: "paid", of: order.paymentNo ?? "" } as const]),
  ...order.tickets.flatMap(({ ticketNo, passages }) => [
    ...passageMoment("entered", ticketNo, passages?.enter),
    ...passageMoment("left", ticketNo, passages?.leave),
  ]),
];

const passageMoment = (what: "entered" | "left", ticketNo: string, passage: Passage | undefined): readonly Moment[] =>
  passage ? [{ at: passage.at, what, of: `${ticketNo} at ${passage.gateId}` }] : [];

const moneyMoments = ({ trades, refunds }: BookedPayment): readonly Moment[] => [
  ...trades.map(({ paidAt, tradeNo }): Moment => ({ at: paidAt, what: "moneyArrived", of: tradeNo })),
  ...refunds.map(({ createdAt, refundNo }): Moment => ({ at: createdAt, what: "refundMade", of: refundNo })),
  ...refunds
    .filter(({ state }) => state === "settled")
    .map(({ changedAt, refundNo }): Moment => ({ at: changedAt, what: "refundSettled", of: refundNo })),
];

const toldMoment = ({ at, kind }: Told): Moment => ({ at, what: "told", of: kind });

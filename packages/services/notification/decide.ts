/**
 * What an account is told of what happened: an event of the log and what is known of its order → notifications, or none. Pure. The id of a
 * notification is its kind and the event's, so that an event that comes again tells nothing new (I7).
 */
import type {
  NotificationFacts,
  NotificationKind,
  OrderStateChanged,
  RefundDue,
  RunId,
  RunNotRun,
  ToldEntry,
  ToldOrder,
  ToldTrip,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, sumFen } from "@chepiao/kernel";
import type { NewNotification } from "@chepiao/ports/notification-store";
import { lostSince, type ReseatResult, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";

/** An entry of the waitlist may name sixty trains. */
const tripsMax = 3;

/** Of most changes of an order its owner knows, or need not: these are told before anybody is asked about the order. */
export const isTold = ({ because, notRun, tickets }: OrderStateChanged): boolean =>
  notRun !== undefined || because in toldCauses || (because === "refundSettled" && isPaidBack(tickets));

/** Tickets are paid back one by one: it is told once with the last of them. */
const isPaidBack = (tickets: OrderStateChanged["tickets"]): boolean =>
  tickets.every(({ state }) => state !== "refunding");

const toldCauses: Partial<Record<OrderStateChanged["because"], true>> = {
  ticketed: true,
  partReturned: true,
  allReturned: true,
  seatsLost: true,
  limitReached: true,
  expired: true,
};

export function toldOfChange(change: OrderStateChanged, order: ToldOrder): NewNotification[] {
  const { orderNo, version, step, at, because, notRun } = change;
  const told = (kind: NotificationKind, facts: Omit<NotificationFacts, "orderNo">) =>
    notification(`${orderNo}.${version}.${step}`, kind, order, facts, at);
  const all = { count: change.tickets.length, moneyFen: order.totalFen, trips: tripsOf(order.trips) };
  const ofRun = notRun ? [toldOfRun(notRun, order, at)] : [];
  switch (because) {
    case "ticketed":
      return [told(kindOfTicketed(order), all)];
    case "partReturned":
    case "allReturned":
      return [...ofRun, told("ticketsReturned", returnedOf(change, order))];
    case "refundSettled":
      return isPaidBack(change.tickets) ? [told("refundArrived", returnedOf(change, order))] : [];
    case "seatsLost":
    case "limitReached":
      return [told("orderRejected", { trips: all.trips })];
    case "expired":
      return [told("orderExpired", { trips: all.trips })];
    default:
      return ofRun;
  }
}

/** A train that its passenger was to take does not run, or not all the way. By order, however often and from wherever it is heard. */
export const toldOfRun = ({ runId, isShortened, saidAt }: RunNotRun, order: ToldOrder, at: EpochMs): NewNotification =>
  notification(
    `${runId}.${saidAt}.${order.orderNo}`,
    isShortened ? "trainShortened" : "trainCancelled",
    order,
    { trips: tripsOf(order.trips.filter((trip) => trip.runId === runId)) },
    at,
  );

/**
 * Since when the coach is lost in which somebody of the order is to sit and was refused another seat; null where that is true of nobody, or no more
 * once his train is gone. A refusal of before that is of an earlier loss, which was undone.
 */
export function seatlessSince(
  withdrawn: Pick<WithdrawnCoaches, "exchange" | "lost" | "runId">,
  { ticketNos, at }: Pick<ReseatResult, "at" | "ticketNos">,
  { tickets, trips }: ToldOrder,
  now: EpochMs,
): EpochMs | null {
  const isAhead = ({ runId: ofTrip, departAt }: ToldOrder["trips"][number]) =>
    ofTrip === withdrawn.runId && Date.parse(departAt) > now;
  const since = tickets
    .filter(({ ticketNo, line }) => ticketNos.includes(ticketNo) && isAhead(trips[line]!))
    .map((ticket) => seatLostSince(withdrawn, ticket))
    .filter((each) => each !== null && each <= at) as EpochMs[];
  return since.length === 0 ? null : epochMs(Math.max(...since));
}

function seatLostSince(
  withdrawn: Pick<WithdrawnCoaches, "exchange" | "lost">,
  { coachNo, seat }: ToldOrder["tickets"][number],
): EpochMs | null {
  if (typeof coachNo !== "number") return null;
  // An older process does not say which seat it is, and knows of no exchange.
  if (!seat) return withdrawn.lost.find(({ no }) => no === coachNo)?.since ?? null;
  return lostSince(withdrawn, seat, { coachNo, seatIndex: seat.seatIndex });
}

/** Its coach is lost, and nobody has another seat for it yet. Told once, whatever coaches are lost later. */
export const toldOfLostSeat = (runId: RunId, order: ToldOrder, at: EpochMs): NewNotification =>
  notification(
    `${runId}.${order.orderNo}`,
    "noSeatLeft",
    order,
    { trips: tripsOf(order.trips.filter((trip) => trip.runId === runId)) },
    at,
  );

/** Money that goes back without its owner having given anything back; null for the rest, of which the order's change tells. */
export type ToldRefund = "entry" | "order" | null;
export const whoseRefund = ({ reason }: RefundDue): ToldRefund => refundsTold[reason];

const refundsTold: Readonly<Record<RefundDue["reason"], ToldRefund>> = {
  ticketReturned: null,
  ticketChanged: null,
  latePayment: "order",
  duplicatePayment: "order",
  waitlistDifference: "order",
  waitlistEnded: "entry",
  // Nobody knows whose.
  orderGone: null,
};

export const toldOfMoney = ({ refundNo, amountFen }: RefundDue, order: ToldOrder, at: EpochMs): NewNotification =>
  notification(refundNo, "moneyReturned", order, { trips: tripsOf(order.trips), moneyFen: amountFen }, at);

export const toldOfEntry = ({ refundNo, amountFen }: RefundDue, entry: ToldEntry, at: EpochMs): NewNotification =>
  notification(
    refundNo,
    "waitlistEnded",
    { orderNo: entry.waitlistNo, userId: entry.userId },
    { trips: tripsOf(entry.trips), moreTrips: Math.max(0, entry.trips.length - tripsMax), moneyFen: amountFen },
    at,
  );

const kindOfTicketed = ({ isOfWaitlist, changeKind }: ToldOrder): NotificationKind => {
  if (isOfWaitlist) return "waitlistServed";
  if (changeKind === null) return "ticketsBooked";
  return changeKind === "destination" ? "stationChanged" : "ticketsChanged";
};

/** All that have gone back by this change: what is known of the order may be newer. */
function returnedOf(change: OrderStateChanged, order: ToldOrder): Omit<NotificationFacts, "orderNo"> {
  const gone = new Set(
    change.tickets.filter(({ state }) => state === "refunding" || state === "refunded").map(({ ticketNo }) => ticketNo),
  );
  const tickets = order.tickets.filter(({ ticketNo }) => gone.has(ticketNo));
  const lines = new Set(tickets.map(({ line }) => line));
  return {
    count: tickets.length,
    moneyFen: sumFen(tickets.flatMap(({ refundFen }) => refundFen ?? [])),
    feeFen: sumFen(tickets.flatMap(({ feeFen }) => feeFen ?? [])),
    trips: tripsOf(order.trips.filter((_, line) => lines.has(line))),
  };
}

const tripsOf = (trips: readonly ToldTrip[]): ToldTrip[] =>
  trips
    .slice(0, tripsMax)
    .map(({ trainNumber, boardingDate, fromStationId, fromName, toStationId, toName, departAt }) => ({
      trainNumber,
      boardingDate,
      fromStationId,
      fromName,
      toStationId,
      toName,
      departAt,
    }));

const notification = (
  eventId: string,
  kind: NotificationKind,
  { orderNo, userId }: { readonly orderNo: string; readonly userId: ToldOrder["userId"] },
  facts: Omit<NotificationFacts, "orderNo">,
  at: EpochMs,
): NewNotification => ({ notificationId: `${kind}:${eventId}`, userId, kind, facts: { orderNo, ...facts }, at });

/** What orders and their tickets say, held against the invariants in their own words. */
import { type HoldName, holdLineOf, lineOf, policyDefault } from "@chepiao/contracts";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { addDays, dateOfDayNumber, dayMs, type EpochMs, ledgerKeptDays, type OrderId } from "@chepiao/kernel";
import type { Told } from "../people/told.ts";

const isLive = ({ state }: TicketRecord) => state === "held" || state === "issued" || state === "used";
export const liveTickets = (orders: readonly OrderRecord[]) =>
  orders.flatMap((order) =>
    order.tickets.filter(isLive).map((ticket) => ({ order, line: lineOf(order, ticket), ticket })),
  );

/** A seat that somebody has a paid ticket for. */
export type Ticketed = Pick<HoldName, "runId" | "line"> & {
  readonly seatIndex: number;
  readonly ticketNo: string;
};

/** Seats that are paid for, and were not given back. */
export const issuedOf = (order: OrderRecord | null): Ticketed[] =>
  order
    ? liveTickets([order])
        .filter(({ ticket }) => ticket.state === "issued")
        .map(({ line, ticket: { seatIndex, ticketNo } }) => ({
          runId: line.runId,
          line: holdLineOf(line),
          seatIndex,
          ticketNo,
        }))
    : [];

export const finalStates: ReadonlySet<string> = new Set([
  "completed",
  "cancelled",
  "refunded",
  "rejected",
  "expired",
  "changed",
]);

/** I1: no seat has two owners at a time, and the ledger says exactly what the tickets say. */
export function seatsOnce(orders: readonly OrderRecord[], ledger: ReadonlySet<string>, now: EpochMs): string[] {
  // Seats of long ago are forgotten there.
  const keptFrom = addDays(dateOfDayNumber(Math.floor(now / dayMs)), -ledgerKeptDays);
  const wrong: string[] = [];
  const taken = new Map<string, string>();
  for (const { line, ticket } of liveTickets(orders)) {
    for (let segment = line.fromStop; segment < line.toStop; segment++) {
      const place = `${line.runId} ${line.seatClass} ${ticket.seatIndex} ${segment}`;
      const other = taken.get(place);
      if (other !== undefined) wrong.push(`I1: ${place} is ${other}'s and ${ticket.ticketNo}'s`);
      taken.set(place, ticket.ticketNo);
    }
  }
  for (const [place, ticketNo] of taken)
    if (!ledger.has(place) && place.split(" ")[0]!.split("/")[1]! >= keptFrom)
      wrong.push(`I1: ${place} is ${ticketNo}'s, and free in the ledger`);
  for (const place of ledger) if (!taken.has(place)) wrong.push(`I1: ${place} is taken in the ledger, by no ticket`);
  return wrong;
}

/** I2, I7: what was answered is there, under its key, once; what was refused is not. */
export function everythingAsTold(
  orders: readonly OrderRecord[],
  entryIds: ReadonlySet<number>,
  { purchases }: Told,
): string[] {
  const wrong: string[] = [];
  // An order of the waitlist has the id of an entry, which is held to what was told of it; and what the railway asks for is held to why.
  const isByRailway = ({ replaces, idempotencyKey }: OrderRecord) =>
    replaces?.because === "coachLost" && !purchases.has(idempotencyKey);
  const bought = orders.filter((order) => !entryIds.has(order.orderId) && !isByRailway(order));
  const byKey = Map.groupBy(bought, (order) => order.idempotencyKey);
  for (const [key, ofKey] of byKey) {
    if (ofKey.length > 1) wrong.push(`I7: key ${key} became ${ofKey.map(({ orderNo }) => orderNo).join(" and ")}`);
    if (!purchases.has(key)) wrong.push(`I7: ${ofKey[0]!.orderNo} was asked for by nobody`);
  }
  for (const [key, { accepted, unknown, refused, userId }] of purchases) {
    const ofKey = byKey.get(key) ?? [];
    if (accepted.size > 1) wrong.push(`I7: key ${key} was answered with ${[...accepted].join(" and ")}`);
    for (const orderNo of accepted)
      if (!ofKey.some((order) => order.orderNo === orderNo)) wrong.push(`I2: ${orderNo} of key ${key} is forgotten`);
    if (accepted.size === 0 && unknown === 0 && refused > 0 && ofKey.length > 0)
      wrong.push(`I2: key ${key} was refused and became ${ofKey[0]!.orderNo}`);
    for (const order of ofKey)
      if (order.userId !== userId) wrong.push(`I2: key ${key} became ${order.orderNo} of another account`);
  }
  return wrong;
}

/** A document that an account only names is a person of his account alone. */
export const personOf = ({ order, ticket }: ReturnType<typeof liveTickets>[number]): string =>
  ticket.documentUnproved ? `${ticket.documentHash} in ${order.userId}` : ticket.documentHash;

/** I6. */
export function limitsHold(orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const live = liveTickets(orders);
  for (const [key, of] of Map.groupBy(live, ({ order, line }) => `${order.userId} on ${line.runId}`)) {
    if (of.length > policyDefault.order.perUserRun)
      wrong.push(`I6: ${key} has ${of.length} tickets, the last ${of.at(-1)!.order.orderNo}`);
  }
  for (const [document, of] of Map.groupBy(live, personOf)) {
    for (const [day, ofDay] of Map.groupBy(of, ({ line }) => line.boardingDate)) {
      if (ofDay.length > policyDefault.order.perDocumentDay)
        wrong.push(`I6: ${document.slice(0, 8)} has ${ofDay.length} tickets for ${day}`);
    }
    const trips = of
      .map(({ order: { orderNo }, line }) => ({ ...line, orderNo }))
      .sort((a, b) => a.departAt - b.departAt);
    trips.forEach((trip, n) => {
      const before = trips[n - 1];
      if (before && trip.departAt < before.arriveAt)
        wrong.push(
          `I6: ${document.slice(0, 8)} is on ${trip.runId} by ${trip.orderNo} and on ${before.runId} by ${before.orderNo}`,
        );
    });
  }
  return wrong;
}

const waitsToReplace = ({ state, replaces }: OrderRecord) => state === "pendingPayment" && replaces !== undefined;

/** As the orders are but for changes that wait for their money, and as they will be once those are made. */
export function beforeAndAfterChanges(orders: readonly OrderRecord[]): readonly (readonly OrderRecord[])[] {
  const waiting = orders.filter(waitsToReplace);
  if (waiting.length === 0) return [orders];
  const replaced = new Set(waiting.flatMap(({ replaces }) => replaces!.tickets.map(({ ticketNo }) => ticketNo)));
  const without = (order: OrderRecord) => order.tickets.filter(({ ticketNo }) => !replaced.has(ticketNo));
  return [
    orders.filter((order) => !waitsToReplace(order)),
    orders.map((order) => ({ ...order, tickets: without(order) })),
  ];
}

/** Of a ticket and those that were to replace it one is valid at a time: it is given up exactly for the order that was paid, or is carried. */
export function oneValidTicket(orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const tickets = new Map(orders.flatMap((order) => order.tickets.map((ticket) => [ticket.ticketNo, ticket] as const)));
  const replacedBy = new Map<string, string>();
  for (const { orderNo, replaces, paymentNo } of orders)
    for (const { ticketNo } of paymentNo === null ? [] : (replaces?.tickets ?? [])) {
      if (replacedBy.has(ticketNo))
        wrong.push(`I3: ${ticketNo} became a ticket of ${replacedBy.get(ticketNo)} and ${orderNo}`);
      replacedBy.set(ticketNo, orderNo);
    }
  for (const { ticketNo, state, replacedBy: by } of tickets.values())
    if ((state === "changed") !== replacedBy.has(ticketNo) || replacedBy.get(ticketNo) !== by)
      wrong.push(`I3: ${ticketNo} is ${state}, and became a ticket of ${replacedBy.get(ticketNo)}`);
  return wrong;
}

/**
 * I6: of two orders of one account that wait for their money, the second was bought when the time to pay the first was over. Who is seated
 * again by the railway has bought nothing.
 */
export function twoUnpaid(orders: readonly OrderRecord[]): string[] {
  const isReseat = ({ replaces }: OrderRecord) => replaces?.because === "coachLost" && replaces.isCarried;
  const unpaid = orders.filter((order) => order.state === "pendingPayment" && !isReseat(order));
  return [...Map.groupBy(unpaid, ({ userId }) => userId).values()].flatMap((own) =>
    own
      .toSorted((a, b) => a.acceptedAt - b.acceptedAt)
      .flatMap((order, n, all) => {
        const before = all[n - 1];
        return before && before.payBy > order.acceptedAt
          ? [`I6: ${order.orderNo} was bought while ${before.orderNo} of the same account waited for its money`]
          : [];
      }),
  );
}

/** I6: what counts as cancelled today is what was. */
export function cancelsAreOrders(
  cancels: readonly OrderId[],
  orders: readonly OrderRecord[],
  today: EpochMs,
): string[] {
  // Whose train does not run has cancelled nothing.
  const ended = new Set<OrderId>(
    orders
      .filter(
        ({ state, endedBecause }) => (state === "cancelled" || state === "expired") && endedBecause !== "RunCancelled",
      )
      .map(({ orderId }) => orderId),
  );
  const counted = new Set(cancels);
  const ofToday = orders.filter(({ orderId, acceptedAt }) => ended.has(orderId) && acceptedAt >= today);
  return [
    ...ofToday
      .filter(({ orderId }) => !counted.has(orderId))
      .map(({ orderNo, state }) => `I6: ${orderNo} is ${state}, and does not count as cancelled`),
    ...cancels.filter((orderId) => !ended.has(orderId)).map((orderId) => `I6: order ${orderId} counts as cancelled`),
  ];
}

/** I4: nothing but paid trips to come. */
export const nothingWaits = (orders: readonly OrderRecord[]): string[] =>
  orders.flatMap((order) => [
    ...(order.state === "ticketed" || finalStates.has(order.state)
      ? []
      : [`I4: ${order.orderNo} is still ${order.state}`]),
    ...order.tickets
      .filter(({ state }) => state === "refunding" || state === "held")
      .map((ticket) => `I4: ${ticket.ticketNo} is still ${ticket.state}`),
  ]);

export const everythingIsOver = (orders: readonly OrderRecord[]): string[] =>
  orders.filter(({ state }) => !finalStates.has(state)).map(({ orderNo, state }) => `I4: ${orderNo} ends as ${state}`);

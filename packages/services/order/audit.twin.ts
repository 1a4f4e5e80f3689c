/** Looks at what is left after random lives of the order room, and knows only the words of the invariants. */
import {
  firstRunOf,
  holdText,
  isTicketCause,
  lineOf,
  type OrderLines,
  type OrderRequest,
  type OrderState,
  type OrderStateChanged,
  policyDefault,
  type SeatClass,
  seatsOf,
} from "@chepiao/contracts";
import { dateIn, epochMs, secondMs, type UserId } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import {
  createMemoryReservations,
  type HoardingLimits,
  limitedPerson,
  tripLimitsDefault,
} from "@chepiao/ports/reservations";
import type { NewWay } from "./change/plan.ts";
import { createTimetable, travelDate, type World, zone } from "./order.twin.ts";
import { claimsOf } from "./reservation.ts";
import { orderTransitions } from "./state.ts";

export const users = [1, 2, 3];

/** What was told about one key of one account. */
export type Told = {
  readonly userId: number;
  readonly lines: OrderLines<OrderRequest>;
  /** Of one that is to replace tickets. */
  readonly change?: { readonly orderNo: string; readonly ticketNos: readonly string[]; readonly way: NewWay };
  accepted: Set<string>;
  unanswered: number;
};

export const finalStates = new Set(["completed", "cancelled", "refunded", "rejected", "expired", "changed"]);

const isLive = ({ state }: TicketRecord) => state === "held" || state === "issued" || state === "used";
const liveTickets = (orders: readonly OrderRecord[]) =>
  orders.flatMap((order) =>
    order.tickets.filter(isLive).map((ticket) => ({ order, line: lineOf(order, ticket), ticket })),
  );

/** At any time of rest. */
export async function audit(world: World): Promise<string[]> {
  const orders = await world.all();
  return [
    ...world.life().lost.map((hold) => `I1: the seats of ${holdText(hold)} were taken when the platform woke up`),
    ...noSeatTwice(orders),
    // As it is but for changes that wait, and as it will be once they are made.
    ...limitsHold(orders.filter((order) => !isPendingChange(order))),
    ...limitsHold(afterChanges(orders)),
    ...oneValidTicket(orders),
    ...moneyAddsUp(world, orders),
    ...(await seatsAreThose(world, orders)),
  ];
}

/** I2, I7: what was answered is there, under its key, once; what was refused is not. */
export function everythingAsTold(orders: readonly OrderRecord[], told: ReadonlyMap<string, Told>): string[] {
  const wrong: string[] = [];
  const byKey = Map.groupBy(orders, (order) => order.idempotencyKey);
  for (const [key, ofKey] of byKey) if (ofKey.length > 1) wrong.push(`I7: key ${key} became ${ofKey.length} orders`);
  for (const [key, { accepted, unanswered, userId }] of told) {
    const order = byKey.get(key)?.[0];
    if (accepted.size > 1) wrong.push(`I7: key ${key} was answered with ${[...accepted].join(" and ")}`);
    for (const orderNo of accepted) if (order?.orderNo !== orderNo) wrong.push(`I2: ${orderNo} is forgotten`);
    if (accepted.size === 0 && unanswered === 0 && order)
      wrong.push(`I2: key ${key} was refused and became ${order.orderNo}`);
    if (order && order.userId !== userId) wrong.push(`key ${key} became another account's order`);
  }
  return wrong;
}

/** I1. */
function noSeatTwice(orders: readonly OrderRecord[]): string[] {
  const taken = new Map<string, string>();
  const wrong: string[] = [];
  for (const { line, ticket } of liveTickets(orders)) {
    for (let segment = line.fromStop; segment < line.toStop; segment++) {
      const place = `${line.runId} ${line.seatClass} ${ticket.seatIndex} ${segment}`;
      if (taken.has(place)) wrong.push(`I1: ${place} is ${taken.get(place)}'s and ${ticket.ticketNo}'s`);
      taken.set(place, ticket.ticketNo);
    }
  }
  return wrong;
}

/** I6. */
function limitsHold(orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const live = liveTickets(orders);
  for (const [key, of] of Map.groupBy(live, ({ order, line }) => `${order.userId} ${line.runId}`)) {
    if (of.length > 5) wrong.push(`I6: ${key} has ${of.length} tickets`);
  }
  for (const [document, of] of Map.groupBy(live, ({ order, ticket }) => limitedPerson(ticket, order.userId))) {
    for (const [day, ofDay] of Map.groupBy(of, ({ line }) => line.boardingDate)) {
      if (ofDay.length > policyDefault.order.perDocumentDay)
        wrong.push(`I6: ${document} has ${ofDay.length} tickets for ${day}`);
    }
    const trips = of.map(({ line }) => line).sort((a, b) => a.departAt - b.departAt);
    trips.forEach((trip, n) => {
      if (n > 0 && trip.departAt < trips[n - 1]!.arriveAt)
        wrong.push(`I6: ${document} is on ${trip.runId} and ${trips[n - 1]!.runId}`);
    });
  }
  return wrong;
}

const isPendingChange = ({ state, replaces }: OrderRecord) => state === "pendingPayment" && replaces !== undefined;

/** Without the tickets that orders which wait for their money are to replace. */
function afterChanges(orders: readonly OrderRecord[]): OrderRecord[] {
  const replaced = new Set(
    orders.filter(isPendingChange).flatMap(({ replaces }) => replaces!.tickets.map(({ ticketNo }) => ticketNo)),
  );
  return orders.map((order) => ({
    ...order,
    tickets: order.tickets.filter(({ ticketNo }) => !replaced.has(ticketNo)),
  }));
}

/** Of a ticket and what is to replace it exactly one was ever given up for the other. */
function oneValidTicket(orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const tickets = new Map(orders.flatMap((order) => order.tickets.map((ticket) => [ticket.ticketNo, ticket] as const)));
  const replacedBy = new Map<string, string>();
  for (const { orderNo, replaces, paymentNo } of orders)
    for (const { ticketNo } of replaces?.tickets ?? []) {
      const old = tickets.get(ticketNo)!;
      if ((old.replacedBy === orderNo) !== (paymentNo !== null))
        wrong.push(`${ticketNo} is ${old.state}, and ${orderNo} has payment ${paymentNo}`);
      if (paymentNo !== null) {
        if (replacedBy.has(ticketNo))
          wrong.push(`${ticketNo} was replaced by ${replacedBy.get(ticketNo)} and ${orderNo}`);
        replacedBy.set(ticketNo, orderNo);
      }
    }
  for (const { ticketNo, state, replacedBy: by } of tickets.values())
    if ((state === "changed") !== replacedBy.has(ticketNo) || replacedBy.get(ticketNo) !== by)
      wrong.push(`${ticketNo} is ${state}, replaced by ${by}`);
  return wrong;
}

/** I6: of two orders of one account that wait for their money, the second was bought when the time to pay the first was over. */
export function twoUnpaid(orders: readonly OrderRecord[]): string[] {
  const unpaid = orders.filter(({ state }) => state === "pendingPayment");
  return unpaid.flatMap((first) =>
    unpaid
      .filter(
        ({ userId, orderId, acceptedAt }) =>
          userId === first.userId && orderId > first.orderId && acceptedAt < first.payBy,
      )
      .map(({ orderNo }) => `I6: ${orderNo} was bought while ${first.orderNo} waited for its money`),
  );
}

/** I3: of each payment that was taken every fen is on a ticket, a fee, or back. */
function moneyAddsUp(world: World, orders: readonly OrderRecord[]): string[] {
  const wrong = world.bank.disputes.map((refundNo) => `I3: ${refundNo} was asked for with two amounts`);
  const byNo = new Map<string, OrderRecord>(orders.map((order) => [order.orderNo, order]));
  const refunds = [...world.bank.refunds.values()];
  for (const { paymentNo, orderNo, amountFen } of world.bank.taken.values()) {
    const order = byNo.get(orderNo);
    const isTheirs = order?.paymentNo === paymentNo;
    // Also those that replaced some of its tickets and cost no more.
    const valid = orders
      .filter((each) => isTheirs && each.paymentNo === paymentNo)
      .flatMap(({ tickets }) => tickets)
      .filter(({ state }) => state === "issued" || state === "used");
    const onTickets = valid.reduce((sum, ticket) => sum + ticket.fareFen, 0);
    const back = refunds
      .filter((due) => due.paymentNo === paymentNo)
      .reduce((sum, due) => sum + due.amountFen + due.feeFen, 0);
    if (onTickets + back !== amountFen)
      wrong.push(`I3: of ${paymentNo}, ${amountFen} fen, ${onTickets} are tickets and ${back} back or fees`);
  }
  for (const order of orders) {
    const isPaid = ["paid", "ticketed", "completed", "refunded", "changed"].includes(order.state);
    if (isPaid !== (order.paymentNo !== null))
      wrong.push(`I3: ${order.orderNo} is ${order.state}, paid by ${order.paymentNo}`);
    if (order.paymentNo !== null && !world.bank.taken.has(order.paymentNo))
      wrong.push(`I3: nobody paid ${order.orderNo}`);
  }
  return wrong;
}

/** What the log says of each order leads from its acceptance to where it stands, through every change, and what was told twice is the same. */
export function statesAreTold(world: World, orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const told = world.records.filter(({ topic }) => topic === "order-state-topic");
  const byOrder = Map.groupBy(told, ({ value }) => (value as OrderStateChanged).orderId);
  for (const order of orders) {
    const records = byOrder.get(order.orderId) ?? [];
    byOrder.delete(order.orderId);
    if (records.some(({ key }) => key !== firstRunOf(order))) wrong.push(`${order.orderNo} is told under another run`);
    const texts = new Set(records.map(({ value }) => JSON.stringify(value)));
    const steps = [...texts]
      .map((text) => JSON.parse(text) as OrderStateChanged)
      .sort((a, b) => a.version - b.version || a.step - b.step);
    let state: OrderState = "accepted";
    let [version, step, at] = [-1, 0, 0];
    for (const each of steps) {
      const follows =
        each.version === version ? each.step === step + 1 : each.version === version + 1 && each.step === 0;
      const event = isTicketCause(each.because) ? null : orderTransitions[each.from][each.because];
      if (!follows || each.from !== state || each.to !== (event ?? state) || each.at < at)
        wrong.push(`I7: ${order.orderNo} was told ${JSON.stringify(each)} after ${version}.${step} ${state}`);
      ({ version, step, to: state, at } = each);
    }
    const tickets = JSON.stringify(order.tickets.map(({ ticketNo, state: ended }) => ({ ticketNo, state: ended })));
    if (version !== order.version || state !== order.state || JSON.stringify(steps.at(-1)?.tickets) !== tickets)
      wrong.push(`${order.orderNo} is ${order.state} in version ${order.version}, and told as ${state} in ${version}`);
  }
  for (const orderId of byOrder.keys()) wrong.push(`there is no order ${orderId} of which the log tells`);
  return wrong;
}

/** Nothing but paid trips to come. */
export function nothingWaits(orders: readonly OrderRecord[]): string[] {
  return orders.flatMap((order) => [
    ...(order.state === "ticketed" || finalStates.has(order.state)
      ? []
      : [`I4: ${order.orderNo} is still ${order.state}`]),
    ...order.tickets
      .filter(({ state }) => state === "refunding" || state === "held")
      .map((ticket) => `I4: ${ticket.ticketNo} is still ${ticket.state}`),
  ]);
}

const places: readonly [string, SeatClass][] = [
  ["G1", "second"],
  ["G1", "first"],
  ["G2", "second"],
  ["G3", "first"],
  ["K9", "hardSleeper"],
  ["K9", "standing"],
];
/** Every seat over every segment, and whether a ticket says that it is taken. */
function seatsBySegment(world: World, orders: readonly OrderRecord[]) {
  const live = liveTickets(orders);
  return places.flatMap(([trainNumber, seatClass]) => {
    const run = world.timetable.run(trainNumber, travelDate)!;
    const ofClass = live.filter(({ line }) => line.runId === run.runId && line.seatClass === seatClass);
    return Array.from({ length: run.train.stops.length - 1 }, (_, segment) => ({
      run,
      seatClass,
      segment,
      taken: seatsOf(run.train.composition)
        .get(seatClass)!
        .map(({ index }) =>
          ofClass.some(
            ({ line, ticket }) => ticket.seatIndex === index && line.fromStop <= segment && segment < line.toStop,
          ),
        ),
    }));
  });
}

/** The seat engine sells exactly what no ticket has: a leaked seat is as wrong as a doubled one. */
async function seatsAreThose(world: World, orders: readonly OrderRecord[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { run, seatClass, segment, taken } of seatsBySegment(world, orders)) {
    // What the train has passed nobody can buy, and a restart does not put it back.
    if (run.dayStart + run.train.stops[segment + 1]!.arriveS * secondMs <= world.clock.now()) continue;
    const free = await world.life().seats.freeSeats({ run, fromStop: segment, toStop: segment + 1 }, seatClass);
    free.forEach((isFree, index) => {
      if (isFree === taken[index])
        wrong.push(`I1: ${run.runId} ${seatClass} ${index} on ${segment}: free ${isFree}, ticketed ${taken[index]}`);
    });
  }
  return wrong;
}

/** The ledger, asked by orders that want every place that no ticket has. Leaves them behind. */
export async function ledgerIsFree(world: World, orders: readonly OrderRecord[]): Promise<string[]> {
  const probes = seatsBySegment(world, orders).flatMap(({ run, seatClass, segment, taken }) =>
    taken.flatMap((isTaken, seat) => {
      const order = sampleOrder({
        // An account of its own, which has no other tickets.
        userId: 1_000_000 + segment * 1_000 + seat,
        train: run.train.trainNumber,
        seatClass,
        seats: [seat],
        fromStop: segment,
        toStop: segment + 1,
      });
      return [{ isTaken, order: { ...order, acceptedAt: epochMs(0), payBy: epochMs(0) } }];
    }),
  );
  const written = await world.store.accept(
    probes.map(({ order }) => order),
    world.clock.now(),
  );
  return probes
    .filter(({ isTaken }, n) => isTaken === (written[n] === "pendingPayment"))
    .map(
      ({ order, isTaken }) =>
        `I1: the ledger disagrees about ${order.lines[0].runId} ${order.lines[0].seatClass} ${order.tickets[0]!.seatIndex}: ticketed ${isTaken}`,
    );
}

/** I6: limits that are kept while trips come and go are those that would be made from the orders now. */
export async function limitsAreThose(
  world: World,
  orders: readonly OrderRecord[],
  hoarding: HoardingLimits,
): Promise<string[]> {
  const anew = createMemoryReservations();
  const trains = createTimetable();
  const trips = orders.flatMap((order) =>
    claimsOf({ ...order, tickets: order.tickets.filter(isLive) }, order.state, trains),
  );
  await anew.reload(trips.filter((reservation) => reservation.trips.length > 0));
  const unpaid = orders.filter(({ state }) => state === "cancelled" || state === "expired");
  await anew.restoreUnpaid(unpaid.flatMap((order) => claimsOf(order, order.state, trains)));
  const wrong: string[] = [];
  let probe = 0;
  const runs = [...new Set(orders.flatMap(({ lines }) => lines.map((line) => line.runId)))];
  const documents = [
    ...new Set(orders.flatMap((order) => order.tickets.map((ticket) => limitedPerson(ticket, order.userId)))),
  ];
  for (const runId of runs) {
    const { departAt, arriveAt, boardingDate } = orders
      .flatMap(({ lines }) => lines)
      .find((line) => line.runId === runId)!;
    for (const userId of users as UserId[]) {
      for (const documentHash of [...documents, "nobody"]) {
        const reservation = {
          orderId: ++probe as never,
          line: 0,
          userId,
          runId,
          departAt,
          arriveAt,
          boardingDate,
          boughtAt: world.clock.now(),
          boughtOn: dateIn(zone, world.clock.now()),
          unpaidUntil: null,
          isStanding: false,
          trips: [{ ticketNo: "t", documentHash }],
        };
        const both = await Promise.all(
          [world.life().reservations, anew].map(
            async (limits) => (await limits.reserve([reservation], { ...tripLimitsDefault, ...hoarding }))[0]!,
          ),
        );
        await Promise.all([world.life().reservations, anew].map((limits) => limits.release(reservation)));
        if (both[0]!.ok !== both[1]!.ok)
          wrong.push(`I6: ${userId} on ${runId} with ${documentHash}: kept ${both[0]!.ok}, made anew ${both[1]!.ok}`);
      }
    }
  }
  return wrong;
}

/** Maps and plain sets: the smallest true order store, for tests and simulation. */
import { endOf, lineOf, type OrderAccepted, type OrderLine, type RefusalCode, type RunId } from "@chepiao/contracts";
import { addDays, dayMs, dayNumber, type EpochMs, epochMs, fen, type OrderId } from "@chepiao/kernel";
import type { MemoryOutbox } from "@chepiao/ports/outbox";
import { createCountedTrips, type TripClaim, type TripLimits, tripLimitsDefault } from "@chepiao/ports/reservations";
import { endedTripsOf, firstRecord, tripClaimsOf } from "./claim.ts";
import { daysOfYear, endedStudentTripsOf, studentRefusal, studentTripsOf } from "./studentTrips.ts";
import {
  endedByRailway,
  erasedTicket,
  addedTo,
  hasSeatsOn,
  isTripState,
  liveOrderOf,
  type MistakeRefund,
  type OrderChange,
  type OrderRecord,
  type OrdersOfRuns,
  type OrderStore,
  type RunRefundResult,
  type TicketRecord,
  seatHoldingStates,
  type StudentTrip,
  type StudentYear,
  unpaidOrderOf,
  useDueOf,
  unpaidStates,
} from "./orderStore.ts";

export type MemoryOrderStore = OrderStore &
  OrdersOfRuns & {
    /** For audits: every order as it is, and what the ledger has as taken, an entry `run class seat segment` each. */
    all(): readonly OrderRecord[];
    taken(): ReadonlySet<string>;
    /** What the guard of limits counts. */
    counted(): readonly TripClaim[];
    countedOfStudents(): readonly StudentTrip[];
  };

/** Where somebody went through gates is nobody's either. */
function erased(ticket: TicketRecord): TicketRecord {
  const { passages: _, ...nameless } = erasedTicket(ticket);
  return nameless;
}
const namesTravellers = ({ tickets }: OrderRecord): boolean => tickets.some(({ documentHash }) => documentHash !== "");

export function createMemoryOrderStore(outbox: MemoryOutbox): MemoryOrderStore {
  const orders = new Map<OrderId, OrderRecord>();
  /** One entry for each run, class, seat and segment that is taken. */
  const ledger = new Set<string>();
  const claims = createCountedTrips();
  const studentTrips = new Map<string, StudentTrip>();
  const runRefunds = new Map<RunId, Map<OrderId, RunRefundResult>>();
  /** Of each account and day, the orders that were given back as mistakes. */
  const mistakes = new Map<string, OrderId[]>();

  const areFree = (places: readonly string[]) =>
    new Set(places).size === places.length && !places.some((place) => ledger.has(place));
  const placesOf = (way: Pick<OrderLine, "runId" | "seatClass" | "fromStop" | "toStop">, seatIndex: number) =>
    Array.from(
      { length: way.toStop - way.fromStop },
      (_, n) => `${way.runId} ${way.seatClass} ${seatIndex} ${way.fromStop + n}`,
    );
  /** All lines or none. */
  function takeTrips(order: OrderAccepted, limits: TripLimits): RefusalCode | null {
    const lines = tripClaimsOf(order);
    for (const [n, line] of lines.entries()) {
      const why = claims.refusalOf(line, limits);
      if (!why) claims.take(line);
      else lines.slice(0, n).forEach((taken) => claims.release(taken));
      if (why) return why.code;
    }
    const asked = studentTripsOf(order, limits);
    const why = studentRefusal(order, asked, studentTripsIn, limits);
    if (why) lines.forEach((taken) => claims.release(taken));
    else for (const trip of asked) studentTrips.set(trip.ticketNo, trip);
    return why?.code ?? null;
  }

  const studentTripsIn = ({ documentHash, yearFrom }: StudentYear) =>
    [...studentTrips.values()].filter((trip) => trip.documentHash === documentHash && trip.yearFrom === yearFrom);

  function takeMistake({ userId, orderId }: OrderRecord, { day, nth }: MistakeRefund): boolean {
    const ofDay = mistakes.get(`${userId} ${day}`) ?? [];
    if (ofDay[nth] !== undefined) return false;
    mistakes.set(`${userId} ${day}`, Object.assign([...ofDay], { [nth]: orderId }));
    return true;
  }

  const isAsDecidedOn = ({ order }: OrderChange) => orders.get(order.orderId)?.version === order.version;

  function make({ order, freedSeats, messages, runRefund }: OrderChange, now: EpochMs) {
    orders.set(order.orderId, { ...order, version: order.version + 1 });
    if (runRefund) {
      const { runId, ...rest } = runRefund;
      noteRunRefund(runId, { ...rest, orderId: order.orderId, why: null, at: now });
    }
    for (const freed of freedSeats) {
      for (const seatIndex of freed.seatIndexes) for (const place of placesOf(freed, seatIndex)) ledger.delete(place);
    }
    for (const ended of endedTripsOf(order))
      claims.release(
        ended,
        ended.trips.map(({ ticketNo }) => ticketNo),
      );
    for (const { ticketNo } of endedStudentTripsOf(order)) studentTrips.delete(ticketNo);
    outbox.put(messages, now);
  }

  const refundsOf = (runId: RunId) => runRefunds.get(runId) ?? new Map<OrderId, RunRefundResult>();
  const noteRunRefund = (runId: RunId, result: RunRefundResult) =>
    runRefunds.set(
      runId,
      new Map(refundsOf(runId)).set(result.orderId, addedTo(refundsOf(runId).get(result.orderId), result)),
    );

  const sorted = (
    keep: (order: OrderRecord) => boolean,
    by: (order: OrderRecord) => number = (order) => order.orderId,
  ) => [...orders.values()].filter(keep).sort((a, b) => by(a) - by(b));
  const hasTrips = (order: OrderRecord) => isTripState(order.state);
  const holdsSeats = (order: OrderRecord) => (seatHoldingStates as readonly string[]).includes(order.state);

  function ofDocuments(documentHashes: readonly string[]): OrderRecord[] {
    const wanted = new Set(documentHashes);
    const isWanted = (claim: TripClaim) => claim.trips.some(({ documentHash }) => wanted.has(documentHash));
    return [
      ...new Set(
        claims
          .all()
          .filter(isWanted)
          .map(({ orderId }) => orders.get(orderId)!),
      ),
    ];
  }

  return {
    async accept(accepted, _now, limits = tripLimitsDefault) {
      return accepted.map((order) => {
        if (orders.has(order.orderId)) return "known";
        const places = order.tickets.flatMap((ticket) => placesOf(lineOf(order, ticket), ticket.seatIndex));
        const refusedBecause = areFree(places) ? takeTrips(order, limits) : "SeatLost";
        orders.set(order.orderId, firstRecord(order, refusedBecause));
        if (refusedBecause !== null) return "rejected";
        for (const place of places) ledger.add(place);
        return "pendingPayment";
      });
    },
    load: async (orderId) => orders.get(orderId) ?? null,
    async states(orderIds) {
      return new Map(orderIds.flatMap((id) => orders.get(id) ?? []).map((order) => [order.orderId, order]));
    },
    change: async (changes, now) =>
      changes.map((change) => {
        const { order, mistake } = change;
        if (!isAsDecidedOn(change) || (mistake && !takeMistake(order, mistake))) return false;
        make(change, now);
        return true;
      }),
    async changeBoth(changes, now) {
      if (!changes.every(isAsDecidedOn)) return false;
      for (const change of changes) make(change, now);
      return true;
    },
    holdersOn: async (runId, skipped = null) =>
      sorted((order) => hasSeatsOn(order, { runId, skipped })).map(({ orderId }) => orderId),
    noteRunRefundFailed: async (runId, orderId, why, now) =>
      void noteRunRefund(runId, { orderId, ticketCount: 0, amountFen: fen(0), why, at: now }),
    runRefunds: async (runId) => [...refundsOf(runId).values()].sort((a, b) => a.orderId - b.orderId),
    studentTrips: async (asked) => asked.map(studentTripsIn),
    mistakesOf: async (userId, day) => mistakes.get(`${userId} ${day}`) ?? [],
    enqueue: async (messages, now) => outbox.put(messages, now),
    async ofUser(userId, { state, before, limit }) {
      return sorted(
        (order) =>
          order.userId === userId &&
          (!state || order.state === state) &&
          (before === undefined || order.orderId < before),
      )
        .reverse()
        .slice(0, limit);
    },
    overdue: async (now, limit) =>
      sorted(
        (order) => order.state === "pendingPayment" && order.payBy <= now,
        (order) => order.payBy,
      ).slice(0, limit),
    travelled: async (now, limit) =>
      sorted((order) => order.state === "ticketed" && useDueOf(order) <= now, useDueOf).slice(0, limit),
    async *live(endingAfter) {
      yield sorted((order) => hasTrips(order) && endOf(order) > endingAfter).map(liveOrderOf);
    },
    async *unpaidSince(since) {
      const hasEnded = ({ state, endedBecause }: OrderRecord) =>
        (unpaidStates as readonly string[]).includes(state) && endedBecause !== endedByRailway;
      yield sorted((order) => hasEnded(order) && order.acceptedAt >= since).map(unpaidOrderOf);
    },
    async *createdSince(since, until = epochMs(Infinity)) {
      yield sorted((order) => order.acceptedAt >= since && order.acceptedAt < until);
    },
    runsInLedger: async () =>
      new Set<RunId>([...orders.values()].flatMap(({ lines }) => lines.map((line) => line.runId))),
    async holdersOf(runIds) {
      const holders = new Map<RunId, number>();
      for (const { lines } of sorted(holdsSeats))
        for (const runId of new Set(lines.map((line) => line.runId)))
          if (runIds.includes(runId)) holders.set(runId, (holders.get(runId) ?? 0) + 1);
      return holders;
    },
    soldRuns: async () => new Set<RunId>(sorted(holdsSeats).flatMap(({ lines }) => lines.map((line) => line.runId))),
    async forgetRuns(before, limit) {
      const past = (place: string) => place.split(" ")[0]!.split("/")[1]! < before;
      const runs = [...new Set([...ledger].filter(past).map((place) => place.split(" ")[0]!))].slice(0, limit);
      for (const place of ledger) if (runs.includes(place.split(" ")[0]!)) ledger.delete(place);
      claims.forgetBefore(epochMs(dayNumber(before) * dayMs));
      for (const [ticketNo, { yearFrom }] of studentTrips)
        if (yearFrom < addDays(before, -daysOfYear)) studentTrips.delete(ticketNo);
      for (const key of mistakes.keys()) if (key.split(" ")[1]! < before) mistakes.delete(key);
      return runs.length;
    },
    async *namingTravellers(endedBefore, madeSince) {
      const found = sorted(
        (order) =>
          !holdsSeats(order) && endOf(order) < endedBefore && order.acceptedAt >= madeSince && namesTravellers(order),
      );
      if (found.length > 0) yield found.map(({ orderId }) => orderId);
    },
    async eraseTravellers(orderIds) {
      const named = orderIds.flatMap((orderId) => orders.get(orderId) ?? []).filter(namesTravellers);
      for (const order of named)
        orders.set(order.orderId, { ...order, version: order.version + 1, tickets: order.tickets.map(erased) });
      return named.length;
    },
    highestId: async () => Math.max(0, ...orders.keys()),
    ofRun: async (runId) =>
      sorted(
        (order) => hasTrips(order) && liveOrderOf(order).tickets.some((each) => lineOf(order, each).runId === runId),
      ),
    ofTravellers: async (claim) => ofDocuments(claim.trips.map(({ documentHash }) => documentHash)),
    ofTraveller: async (documentHash) => ofDocuments([documentHash]).toSorted((a, b) => a.orderId - b.orderId),
    some: async (orderIds) => orderIds.flatMap((orderId) => orders.get(orderId) ?? []),
    all: () => [...orders.values()],
    taken: () => ledger,
    counted: claims.all,
    countedOfStudents: () => [...studentTrips.values()],
  };
}

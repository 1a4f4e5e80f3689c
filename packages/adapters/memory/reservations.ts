/**
 * Purchase limits in typed arrays, for the process that keeps them all: a million claims take some 200 MB and give the garbage
 * collector nothing to look at. The rules are those of the simple one in packages/ports, which a test holds it against.
 *
 * A claim, of one line of an order, is a row; its trips are nine places, of which bits say which are still reserved. The trips of a document hang in a chain
 * from the document's row.
 */
import { type Refusal, refusal, type RunId } from "@chepiao/contracts";
import {
  dayMs,
  dayNumber,
  inOnePiece,
  linesPerOrderMax,
  ok,
  type OrderId,
  orderNoOf,
  passengersPerOrderMax,
  refuse,
  slotCount,
  type Result,
  type UserId,
} from "@chepiao/kernel";
import {
  type Cancels,
  type Reservation,
  type ClaimName,
  type PurchaseLimits,
  isCancelledTooOften,
  replacedOnRun,
  type Reservations,
} from "@chepiao/ports/reservations";
import { isPrint, print, printText, takePrint, textOfPrint, wordsPerPrint } from "./fingerprints.ts";
import { grown, Rows, SlotIndex } from "./slotIndex.ts";

const firstCapacity = 1_024;
const none = 0xffff_ffff;
/** Of stations. */
const unknown = 0;

type RunRow = { readonly number: number; readonly ticketsOfUser: Map<UserId, number> };

export function createCompactReservations(): Reservations {
  const documents = createDocuments();
  const runs = new Map<RunId, RunRow>();
  const runNames: RunId[] = [];
  const freeRuns: number[] = [];
  /** Ticket numbers that are not the order's own with the passenger's place behind it. */
  const oddTickets = new Map<number, readonly string[]>();

  const rows = new Rows();
  let capacity = firstCapacity;
  let orderIds = new Float64Array(capacity);
  let lines = new Uint8Array(capacity);
  let userIds = new Float64Array(capacity);
  let departs = new Float64Array(capacity);
  let arrives = new Float64Array(capacity);
  let runOf = new Uint32Array(capacity);
  let days = new Int32Array(capacity);
  /** Where the trip begins and ends, by their numbers; 0 where that is not known. */
  let startsAt = new Uint32Array(capacity);
  let endsAt = new Uint32Array(capacity);
  const stationNumbers = new Map<string, number>();
  /** Bits over the claim's places; 0 where the row is free. */
  let reserved = new Uint16Array(capacity);
  /** When it waits for its money no more, 0 for one that does not; and the next row of its account that does. */
  let unpaidUntil = new Float64Array(capacity);
  let nextUnpaid = new Uint32Array(capacity);
  const firstUnpaid = new Map<UserId, number>();
  let boughtOn = new Int32Array(capacity);
  let isStanding = new Uint8Array(capacity);
  const cancels = createCancels();
  /** By place: whose trip it is, and the next place of that document. */
  let documentOf = new Uint32Array(capacity * passengersPerOrderMax);
  let nextPlace = new Uint32Array(capacity * passengersPerOrderMax);
  const byOrder = new SlotIndex((row) => hashOfId(orderIds[row]!));

  function grow(wanted: number) {
    capacity = wanted;
    orderIds = grown(orderIds, capacity);
    lines = grown(lines, capacity);
    userIds = grown(userIds, capacity);
    departs = grown(departs, capacity);
    arrives = grown(arrives, capacity);
    runOf = grown(runOf, capacity);
    days = grown(days, capacity);
    startsAt = grown(startsAt, capacity);
    endsAt = grown(endsAt, capacity);
    reserved = grown(reserved, capacity);
    unpaidUntil = grown(unpaidUntil, capacity);
    nextUnpaid = grown(nextUnpaid, capacity);
    boughtOn = grown(boughtOn, capacity);
    isStanding = grown(isStanding, capacity);
    documentOf = grown(documentOf, capacity * passengersPerOrderMax);
    nextPlace = grown(nextPlace, capacity * passengersPerOrderMax);
  }

  const rowOf = ({ orderId, line }: ClaimName): number =>
    byOrder.find(hashOfId(orderId), (row) => orderIds[row] === orderId && lines[row] === line);

  function check(reservation: Reservation, limits: PurchaseLimits): Result<void, Refusal> {
    const { userId, runId, trips, departAt, arriveAt } = reservation;
    const open = limits.unpaidMax > 0 ? oldestUnpaid(reservation, limits.unpaidMax) : null;
    if (open !== null) return refuse(refusal("UnpaidOrderOpen", { orderNo: orderNoOf(open) }));
    const cancelsOfDay = limits.cancelsPerDay > 0 ? cancels.on(dayNumber(reservation.boughtOn)) : null;
    const isTooOften = (whose: Whose) => isCancelledTooOften(cancelsOfDay?.get(whose) ?? noCancels, limits);
    if (cancelsOfDay && isTooOften(userId)) return refuse(refusal("CancelledTooOften"));
    const { replaces } = reservation;
    const replaced = replaces ? rowOf(replaces) : none;
    const replacedBits = replaces && replaced >= 0 ? bitsOf(replaced, replaces.ticketNos) : 0;
    const ticketsOfRun = (runs.get(runId)?.ticketsOfUser.get(userId) ?? 0) - replacedOnRun(reservation);
    if (ticketsOfRun + trips.length > limits.ticketsPerUserRun) {
      return refuse(refusal("UserRunLimit", { limit: limits.ticketsPerUserRun }));
    }
    const { gapMs, otherStationGapMs, ticketsPerDocumentDay } = limits;
    const from = stationNumber(reservation.stations?.from);
    const to = stationNumber(reservation.stations?.to);
    const gapBetween = (end: number, start: number) =>
      end !== unknown && start !== unknown && end !== start ? otherStationGapMs : gapMs;
    const day = dayNumber(reservation.boardingDate);
    for (let ticket = 0; ticket < trips.length; ticket++) {
      let sameDay = 0;
      let close = none;
      // Where a passenger travels whom another account has saved too is not this account's to know.
      const told = (other: number) =>
        userIds[other] === userId ? { ticket, runId: runNames[runOf[other]!]! } : { ticket };
      for (let place = documents.first(trips[ticket]!.documentHash); place !== none; place = nextPlace[place]!) {
        const other = Math.floor(place / passengersPerOrderMax);
        if (other === replaced && (replacedBits & (1 << (place % passengersPerOrderMax))) !== 0) continue;
        if (days[other] === day) sameDay++;
        if (departs[other]! >= arriveAt + gapBetween(to, startsAt[other]!)) continue;
        if (departAt >= arrives[other]! + gapBetween(endsAt[other]!, from)) continue;
        if (departs[other]! < arriveAt && departAt < arrives[other]!) {
          return refuse(refusal("TripOverlaps", told(other)));
        }
        if (runNames[runOf[other]!] !== runId) close = other;
      }
      if (close !== none) return refuse(refusal("TripsTooClose", told(close)));
      if (ticketsPerDocumentDay > 0 && sameDay >= ticketsPerDocumentDay) {
        return refuse(refusal("DocumentDayLimit", { ticket, limit: ticketsPerDocumentDay }));
      }
      if (cancelsOfDay && isTooOften(printText(trips[ticket]!.documentHash))) {
        return refuse(refusal("CancelledTooOften", { ticket }));
      }
    }
    return ok(undefined);
  }

  /** There are few, and they stay. */
  function stationNumber(stationId: string | undefined): number {
    if (stationId === undefined) return unknown;
    const known = stationNumbers.get(stationId);
    if (known !== undefined) return known;
    stationNumbers.set(stationId, stationNumbers.size + 1);
    return stationNumbers.size;
  }

  /** Null where fewer wait for their money than may. */
  function oldestUnpaid({ orderId, userId, boughtAt: now }: Reservation, unpaidMax: number): OrderId | null {
    let count = 0;
    let oldest = Infinity;
    for (let row = firstUnpaid.get(userId) ?? none; row !== none; row = nextUnpaid[row]!) {
      if (unpaidUntil[row]! <= now || orderIds[row] === orderId) continue;
      count++;
      oldest = Math.min(oldest, orderIds[row]!);
    }
    return count >= unpaidMax ? (oldest as OrderId) : null;
  }

  function waitForMoney(row: number, userId: UserId, until: number) {
    unpaidUntil[row] = until;
    nextUnpaid[row] = firstUnpaid.get(userId) ?? none;
    firstUnpaid.set(userId, row);
  }

  function waitNoMore(row: number) {
    if (unpaidUntil[row] === 0) return;
    unpaidUntil[row] = 0;
    const userId = userIds[row] as UserId;
    const next = nextUnpaid[row]!;
    const first = firstUnpaid.get(userId)!;
    if (first === row) {
      if (next === none) firstUnpaid.delete(userId);
      else firstUnpaid.set(userId, next);
      return;
    }
    let before = first;
    while (nextUnpaid[before] !== row) before = nextUnpaid[before]!;
    nextUnpaid[before] = next;
  }

  function take(reservation: Reservation) {
    const { orderId, line, userId, runId, boardingDate, departAt, arriveAt, trips } = reservation;
    const row = rows.take(capacity, grow);
    orderIds[row] = orderId;
    lines[row] = line;
    userIds[row] = userId;
    departs[row] = departAt;
    arrives[row] = arriveAt;
    days[row] = dayNumber(boardingDate);
    startsAt[row] = stationNumber(reservation.stations?.from);
    endsAt[row] = stationNumber(reservation.stations?.to);
    reserved[row] = (1 << trips.length) - 1;
    runOf[row] = countTickets(runId, userId, trips.length);
    boughtOn[row] = dayNumber(reservation.boughtOn);
    isStanding[row] = reservation.isStanding ? 1 : 0;
    unpaidUntil[row] = 0;
    // Once for the whole order.
    if (line === 0 && reservation.unpaidUntil !== null) waitForMoney(row, userId, reservation.unpaidUntil);
    byOrder.enter(row);
    for (let trip = 0; trip < trips.length; trip++) {
      const place = row * passengersPerOrderMax + trip;
      documentOf[place] = documents.hang(trips[trip]!.documentHash, place, nextPlace);
    }
    if (trips.some(({ ticketNo }, trip) => !isOwnTicketNo(ticketNo, orderId, trip))) {
      oddTickets.set(
        row,
        trips.map(({ ticketNo }) => ticketNo),
      );
    }
  }

  /** Gives back those places of the row that are among `bits`. */
  function drop(row: number, bits: number) {
    const going = reserved[row]! & bits;
    let count = 0;
    for (let trip = 0; trip < passengersPerOrderMax; trip++) {
      if ((going & (1 << trip)) === 0) continue;
      const place = row * passengersPerOrderMax + trip;
      documents.unhang(documentOf[place]!, place, nextPlace);
      count++;
    }
    reserved[row]! &= ~going;
    const isGone = reserved[row] === 0;
    // Before the count, which may forget the run.
    const runId = runNames[runOf[row]!]!;
    countTickets(runId, userIds[row]! as UserId, -count);
    if (!isGone) return;
    waitNoMore(row);
    byOrder.leave(row);
    oddTickets.delete(row);
    rows.free(row);
  }

  /** Answers the run's number, which stays with it while there is a ticket. */
  function countTickets(runId: RunId, userId: UserId, by: number): number {
    let run = runs.get(runId);
    if (!run) {
      run = { number: freeRuns.pop() ?? runNames.length, ticketsOfUser: new Map() };
      runs.set(runId, run);
      runNames[run.number] = runId;
    }
    const { number, ticketsOfUser } = run;
    const tickets = (ticketsOfUser.get(userId) ?? 0) + by;
    if (tickets > 0) ticketsOfUser.set(userId, tickets);
    else ticketsOfUser.delete(userId);
    if (ticketsOfUser.size === 0) {
      runs.delete(runId);
      freeRuns.push(number);
    }
    return number;
  }

  /** An order counts once for its account and for each of its travellers, on however many lines. */
  function countCancelled(day: number, userId: UserId, travellers: ReadonlySet<string>, ofStanding: boolean) {
    cancels.count(day, userId, ofStanding);
    for (const traveller of travellers) cancels.count(day, traveller, ofStanding);
  }

  function bitsOf(row: number, ticketNos: readonly string[]): number {
    const known = oddTickets.get(row);
    let bits = 0;
    for (let trip = 0; trip < passengersPerOrderMax; trip++) {
      const ticketNo = known ? known[trip] : ownTicketNo(orderIds[row]! as OrderId, trip);
      if (ticketNo !== undefined && ticketNos.includes(ticketNo)) bits |= 1 << trip;
    }
    return bits;
  }

  return {
    async reserve(reservations, limits) {
      return reservations.map((reservation) => {
        if (rowOf(reservation) >= 0) return ok(undefined);
        const verdict = check(reservation, limits);
        if (verdict.ok) take(reservation);
        return verdict;
      });
    },
    // Nothing ends by itself here, and what forgets a claim forgets all.
    keep: async () => {},
    async release(name, ticketNos) {
      const row = rowOf(name);
      if (row >= 0) drop(row, ticketNos ? bitsOf(row, ticketNos) : allPlaces);
    },
    async paid(orders) {
      for (const { orderId } of orders) {
        const row = rowOf({ orderId, line: 0 });
        if (row >= 0) waitNoMore(row);
      }
    },
    async endUnpaid(orderId) {
      const travellers = new Set<string>();
      let last = -1;
      for (let line = 0; line < linesPerOrderMax; line++) {
        const row = rowOf({ orderId, line });
        if (row < 0) continue;
        for (let trip = 0; trip < passengersPerOrderMax; trip++) {
          if ((reserved[row]! & (1 << trip)) === 0) continue;
          travellers.add(documents.text(documentOf[row * passengersPerOrderMax + trip]!));
        }
        drop(row, allPlaces);
        last = row;
      }
      // What the row says is still there.
      if (last >= 0) countCancelled(boughtOn[last]!, userIds[last]! as UserId, travellers, isStanding[last] === 1);
    },
    async restoreUnpaid(reservations) {
      for (const ofOrder of Map.groupBy(reservations, ({ orderId }) => orderId).values()) {
        const { boughtOn: day, userId, isStanding: ofStanding } = ofOrder[0]!;
        const travellers = ofOrder.flatMap(({ trips }) => trips.map(({ documentHash }) => printText(documentHash)));
        countCancelled(dayNumber(day), userId, new Set(travellers), ofStanding);
      }
    },
    async reload(reservations) {
      for (const reservation of reservations)
        if (reservation.trips.length > 0 && rowOf(reservation) < 0) take(reservation);
    },
    async forgetBefore(instant) {
      // A day later than necessary, wherever the railway is.
      cancels.forgetBefore(Math.floor(instant / dayMs) - 1);
      for (let row = 0; row < rows.end; row++) if (reserved[row] !== 0 && arrives[row]! < instant) drop(row, allPlaces);
    },
  };
}

/** An account, or a document's print as a text. */
type Whose = UserId | string;
const noCancels: Cancels = { seated: 0, standing: 0 };

/** Orders that ended unpaid, by the day on which they were bought: hundreds where there are thousands of others. */
function createCancels() {
  const days = new Map<number, Map<Whose, Cancels>>();
  return {
    on: (day: number) => days.get(day) ?? null,
    count(day: number, whose: Whose, ofStanding: boolean) {
      const ofDay = days.get(day) ?? new Map<Whose, Cancels>();
      days.set(day, ofDay);
      const { seated, standing } = ofDay.get(whose) ?? noCancels;
      ofDay.set(whose, ofStanding ? { seated, standing: standing + 1 } : { seated: seated + 1, standing });
    },
    forgetBefore(day: number) {
      for (const each of days.keys()) if (each < day) days.delete(each);
    },
  };
}

const allPlaces = (1 << passengersPerOrderMax) - 1;
/** Without making the number: this is asked of every ticket there is when the platform wakes up. */
function isOwnTicketNo(ticketNo: string, orderId: OrderId, trip: number): boolean {
  const digit = (at: number) => ticketNo.charCodeAt(at) - 48;
  let slot = 0;
  let upper = 0;
  for (let at = 1; at < 5; at++) slot = slot * 10 + digit(at);
  for (let at = 5; at < 18; at++) upper = upper * 10 + digit(at);
  return (
    ticketNo.length === 20 && upper * slotCount + slot === orderId && digit(19) === trip + 1 && ticketNo[18] === "-"
  );
}
const ownTicketNo = (orderId: OrderId, trip: number) => inOnePiece(orderNoOf(orderId), "-", trip + 1);
const hashOfId = (id: number): number =>
  Math.imul((id >>> 0) ^ Math.imul(Math.floor(id / 4294967296), 0x9e3779b1), 0x85ebca6b) >>> 8;

/** Documents that have trips, each with the first place of its chain. */
function createDocuments() {
  const rows = new Rows();
  let capacity = firstCapacity;
  let prints = new Uint32Array(capacity * wordsPerPrint);
  let firsts = new Uint32Array(capacity);
  const index = new SlotIndex((row) => prints[row * wordsPerPrint]!);

  function grow(wanted: number) {
    capacity = wanted;
    prints = grown(prints, capacity * wordsPerPrint);
    firsts = grown(firsts, capacity);
  }
  const find = () => index.find(print[0]!, (row) => isPrint(prints, row));

  return {
    first(documentHash: string): number {
      takePrint(documentHash);
      const row = find();
      return row < 0 ? none : firsts[row]!;
    },
    /** Puts the place at the head of the document's chain; answers the document's row. */
    hang(documentHash: string, place: number, nextPlace: Uint32Array): number {
      takePrint(documentHash);
      let row = find();
      if (row < 0) {
        row = rows.take(capacity, grow);
        prints.set(print, row * wordsPerPrint);
        firsts[row] = none;
        index.enter(row);
      }
      nextPlace[place] = firsts[row]!;
      firsts[row] = place;
      return row;
    },
    /** Of the document's print, the same for as long as the process lives. */
    text: (row: number) => textOfPrint(prints, row),
    unhang(row: number, place: number, nextPlace: Uint32Array) {
      if (firsts[row] === place) firsts[row] = nextPlace[place]!;
      else {
        let before = firsts[row]!;
        while (nextPlace[before] !== place) before = nextPlace[before]!;
        nextPlace[before] = nextPlace[place]!;
      }
      if (firsts[row] !== none) return;
      index.leave(row);
      rows.free(row);
    },
  };
}

/**
 * Purchase limits in typed arrays, for the process that keeps them all: a million claims take some 170 MB and give the garbage
 * collector nothing to look at. The rules are those of the simple one in packages/ports, which a test holds it against.
 *
 * A claim is a row; its trips are five places, of which bits say which are still reserved. The trips of a document hang in a chain
 * from the document's row.
 */
import { type Refusal, refusal, type RunId } from "@chepiao/contracts";
import {
  dayNumber,
  inOnePiece,
  ok,
  type OrderId,
  orderNoOf,
  passengersPerOrderMax,
  refuse,
  slotCount,
  type Result,
  ticketsPerDocumentDayMax,
  ticketsPerUserRunMax,
  type UserId,
} from "@chepiao/kernel";
import type { Claim, Reservations } from "@chepiao/ports/reservations";
import { isPrint, print, takePrint, wordsPerPrint } from "./fingerprints.ts";
import { grown, Rows, SlotIndex } from "./slotIndex.ts";

const firstCapacity = 1_024;
const none = 0xffff_ffff;

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
  let userIds = new Float64Array(capacity);
  let departs = new Float64Array(capacity);
  let arrives = new Float64Array(capacity);
  let runOf = new Uint32Array(capacity);
  let days = new Int32Array(capacity);
  /** Bits over the claim's places; 0 where the row is free. */
  let reserved = new Uint8Array(capacity);
  /** By place: whose trip it is, and the next place of that document. */
  let documentOf = new Uint32Array(capacity * passengersPerOrderMax);
  let nextPlace = new Uint32Array(capacity * passengersPerOrderMax);
  const byOrder = new SlotIndex((row) => hashOfId(orderIds[row]!));

  function grow(wanted: number) {
    capacity = wanted;
    orderIds = grown(orderIds, capacity);
    userIds = grown(userIds, capacity);
    departs = grown(departs, capacity);
    arrives = grown(arrives, capacity);
    runOf = grown(runOf, capacity);
    days = grown(days, capacity);
    reserved = grown(reserved, capacity);
    documentOf = grown(documentOf, capacity * passengersPerOrderMax);
    nextPlace = grown(nextPlace, capacity * passengersPerOrderMax);
  }

  const rowOf = (orderId: OrderId): number => byOrder.find(hashOfId(orderId), (row) => orderIds[row] === orderId);

  function check(claim: Claim): Result<void, Refusal> {
    const { userId, runId, trips, departAt, arriveAt } = claim;
    if ((runs.get(runId)?.ticketsOfUser.get(userId) ?? 0) + trips.length > ticketsPerUserRunMax) {
      return refuse(refusal("UserRunLimit", { limit: ticketsPerUserRunMax }));
    }
    const day = dayNumber(claim.boardingDate);
    for (let ticket = 0; ticket < trips.length; ticket++) {
      let sameDay = 0;
      for (let place = documents.first(trips[ticket]!.documentHash); place !== none; place = nextPlace[place]!) {
        const other = Math.floor(place / passengersPerOrderMax);
        if (days[other] === day) sameDay++;
        if (departs[other]! < arriveAt && departAt < arrives[other]!) {
          // Where somebody travels whom another account has saved too is not this account's to know.
          const own = userIds[other] === userId ? { runId: runNames[runOf[other]!]! } : {};
          return refuse(refusal("TripOverlaps", { ticket, ...own }));
        }
      }
      if (sameDay >= ticketsPerDocumentDayMax) {
        return refuse(refusal("DocumentDayLimit", { ticket, limit: ticketsPerDocumentDayMax }));
      }
    }
    return ok(undefined);
  }

  function take({ orderId, userId, runId, boardingDate, departAt, arriveAt, trips }: Claim) {
    const row = rows.take(capacity, grow);
    orderIds[row] = orderId;
    userIds[row] = userId;
    departs[row] = departAt;
    arrives[row] = arriveAt;
    days[row] = dayNumber(boardingDate);
    reserved[row] = (1 << trips.length) - 1;
    runOf[row] = countTickets(runId, userId, trips.length);
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
    byOrder.leave(row);
    oddTickets.delete(row);
    rows.giveBack(row);
  }

  /** Answers the run's number, which stays with it while somebody has a ticket. */
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
    async claim(claims) {
      return claims.map((claim) => {
        if (rowOf(claim.orderId) >= 0) return ok(undefined);
        const verdict = check(claim);
        if (verdict.ok) take(claim);
        return verdict;
      });
    },
    // Nothing ends by itself here, and what forgets a claim forgets all.
    keep: async () => {},
    async giveBack(orderId, ticketNos) {
      const row = rowOf(orderId);
      if (row >= 0) drop(row, ticketNos ? bitsOf(row, ticketNos) : allPlaces);
    },
    async restore(claims) {
      for (const claim of claims) if (claim.trips.length > 0 && rowOf(claim.orderId) < 0) take(claim);
    },
    async forgetBefore(instant) {
      for (let row = 0; row < rows.end; row++) if (reserved[row] !== 0 && arrives[row]! < instant) drop(row, allPlaces);
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
    unhang(row: number, place: number, nextPlace: Uint32Array) {
      if (firsts[row] === place) firsts[row] = nextPlace[place]!;
      else {
        let before = firsts[row]!;
        while (nextPlace[before] !== place) before = nextPlace[before]!;
        nextPlace[before] = nextPlace[place]!;
      }
      if (firsts[row] !== none) return;
      index.leave(row);
      rows.giveBack(row);
    },
  };
}

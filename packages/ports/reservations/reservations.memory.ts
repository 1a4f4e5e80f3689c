/** In maps: what the embedded platform runs on. Rebuilt from the orders when it starts. */
import { type Refusal, refusal } from "@chepiao/contracts";
import { ok, type OrderId, refuse, type Result, ticketsPerDocumentDayMax, ticketsPerUserRunMax } from "@chepiao/kernel";
import type { Claim, Reservations, Trip } from "./reservations.ts";

type Held = Omit<Claim, "trips"> & { trips: Trip[] };

export function createMemoryReservations(): Reservations {
  const held = new Map<OrderId, Held>();
  const ticketsOfUserRun = new Map<string, number>();
  const tripsOfDocument = new Map<string, Held[]>();

  const userRunOf = (claim: Pick<Claim, "userId" | "runId">) => `${claim.userId} ${claim.runId}`;

  function check(claim: Claim): Result<void, Refusal> {
    if ((ticketsOfUserRun.get(userRunOf(claim)) ?? 0) + claim.trips.length > ticketsPerUserRunMax) {
      return refuse(refusal("UserRunLimit", { limit: ticketsPerUserRunMax }));
    }
    for (const [index, trip] of claim.trips.entries()) {
      let sameDay = 0;
      for (const other of tripsOfDocument.get(trip.documentHash) ?? []) {
        if (other.boardingDate === claim.boardingDate) sameDay++;
        if (other.departAt < claim.arriveAt && claim.departAt < other.arriveAt) {
          // Where somebody travels whom another account has saved too is not this account's to know.
          const own = other.userId === claim.userId ? { runId: other.runId } : {};
          return refuse(refusal("TripOverlaps", { ticket: index, ...own }));
        }
      }
      if (sameDay >= ticketsPerDocumentDayMax) {
        return refuse(refusal("DocumentDayLimit", { ticket: index, limit: ticketsPerDocumentDayMax }));
      }
    }
    return ok(undefined);
  }

  function take(claim: Claim) {
    if (held.has(claim.orderId)) return;
    const entry = { ...claim, trips: [...claim.trips] };
    held.set(claim.orderId, entry);
    const userRun = userRunOf(claim);
    ticketsOfUserRun.set(userRun, (ticketsOfUserRun.get(userRun) ?? 0) + claim.trips.length);
    for (const { documentHash } of claim.trips) {
      const trips = tripsOfDocument.get(documentHash);
      if (trips) trips.push(entry);
      else tripsOfDocument.set(documentHash, [entry]);
    }
  }

  function drop(entry: Held, trips: readonly Trip[]) {
    const userRun = userRunOf(entry);
    const left = (ticketsOfUserRun.get(userRun) ?? 0) - trips.length;
    if (left > 0) ticketsOfUserRun.set(userRun, left);
    else ticketsOfUserRun.delete(userRun);
    for (const { documentHash } of trips) {
      const others = (tripsOfDocument.get(documentHash) ?? []).filter((other) => other !== entry);
      if (others.length > 0) tripsOfDocument.set(documentHash, others);
      else tripsOfDocument.delete(documentHash);
    }
    entry.trips = entry.trips.filter((trip) => !trips.includes(trip));
    if (entry.trips.length === 0) held.delete(entry.orderId);
  }

  return {
    async claim(claims) {
      return claims.map((claim) => {
        if (held.has(claim.orderId)) return ok(undefined);
        const verdict = check(claim);
        if (verdict.ok) take(claim);
        return verdict;
      });
    },
    async giveBack(orderId, ticketNos) {
      const entry = held.get(orderId);
      if (!entry) return;
      drop(entry, ticketNos ? entry.trips.filter((trip) => ticketNos.includes(trip.ticketNo)) : entry.trips);
    },
    async restore(claims) {
      claims.forEach(take);
    },
    async forgetBefore(instant) {
      for (const entry of held.values()) if (entry.arriveAt < instant) drop(entry, entry.trips);
    },
  };
}

/** In maps: what the embedded platform runs on. Rebuilt from the orders when it starts. */
import { type Refusal, refusal } from "@chepiao/contracts";
import { ok, type OrderId, refuse, type Result, ticketsPerDocumentDayMax, ticketsPerUserRunMax } from "@chepiao/kernel";
import type { Claim, Reservations, Trip } from "./reservations.ts";

type Held = { readonly claim: Claim; readonly userRun: string; trips: readonly Trip[] };

export function createMemoryReservations(): Reservations {
  const held = new Map<OrderId, Held>();
  const ticketsOfUserRun = new Map<string, number>();
  const tripsOfDocument = new Map<string, Held[]>();

  function check({ claim, userRun, trips }: Held): Result<void, Refusal> {
    if ((ticketsOfUserRun.get(userRun) ?? 0) + trips.length > ticketsPerUserRunMax) {
      return refuse(refusal("UserRunLimit", { limit: ticketsPerUserRunMax }));
    }
    for (let index = 0; index < trips.length; index++) {
      let sameDay = 0;
      for (const { claim: other } of tripsOfDocument.get(trips[index]!.documentHash) ?? []) {
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

  const entryOf = (claim: Claim): Held => ({ claim, userRun: `${claim.userId} ${claim.runId}`, trips: claim.trips });

  function take(entry: Held) {
    const { claim, userRun, trips: own } = entry;
    held.set(claim.orderId, entry);
    ticketsOfUserRun.set(userRun, (ticketsOfUserRun.get(userRun) ?? 0) + own.length);
    for (const { documentHash } of own) {
      const trips = tripsOfDocument.get(documentHash);
      if (trips) trips.push(entry);
      else tripsOfDocument.set(documentHash, [entry]);
    }
  }

  function drop(entry: Held, trips: readonly Trip[]) {
    const { userRun } = entry;
    const left = (ticketsOfUserRun.get(userRun) ?? 0) - trips.length;
    if (left > 0) ticketsOfUserRun.set(userRun, left);
    else ticketsOfUserRun.delete(userRun);
    for (const { documentHash } of trips) {
      const others = (tripsOfDocument.get(documentHash) ?? []).filter((other) => other !== entry);
      if (others.length > 0) tripsOfDocument.set(documentHash, others);
      else tripsOfDocument.delete(documentHash);
    }
    entry.trips = entry.trips.filter((trip) => !trips.includes(trip));
    if (entry.trips.length === 0) held.delete(entry.claim.orderId);
  }

  return {
    async claim(claims) {
      return claims.map((claim) => {
        if (held.has(claim.orderId)) return ok(undefined);
        const entry = entryOf(claim);
        const verdict = check(entry);
        if (verdict.ok) take(entry);
        return verdict;
      });
    },
    async giveBack(orderId, ticketNos) {
      const entry = held.get(orderId);
      if (!entry) return;
      drop(entry, ticketNos ? entry.trips.filter((trip) => ticketNos.includes(trip.ticketNo)) : entry.trips);
    },
    async restore(claims) {
      for (const claim of claims) if (!held.has(claim.orderId)) take(entryOf(claim));
    },
    async forgetBefore(instant) {
      for (const entry of held.values()) if (entry.claim.arriveAt < instant) drop(entry, entry.trips);
    },
  };
}

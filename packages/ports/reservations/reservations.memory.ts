/** In maps: what the embedded platform runs on. Rebuilt from the orders when it starts. */
import { type Refusal, refusal, type RunId } from "@chepiao/contracts";
import {
  ok,
  type OrderId,
  refuse,
  type Result,
  ticketsPerDocumentDayMax,
  ticketsPerUserRunMax,
  type UserId,
} from "@chepiao/kernel";
import type { Claim, Reservations } from "./reservations.ts";

export function createMemoryReservations(): Reservations {
  const held = new Map<OrderId, Claim>();
  const ticketsOfRun = new Map<RunId, Map<UserId, number>>();
  const claimsOfDocument = new Map<string, readonly Claim[]>();

  const claimsOf = (documentHash: string) => claimsOfDocument.get(documentHash) ?? [];
  const setClaims = (documentHash: string, claims: readonly Claim[]) =>
    claims.length > 0 ? claimsOfDocument.set(documentHash, claims) : claimsOfDocument.delete(documentHash);

  function count({ runId, userId }: Claim, by: number) {
    const ofRun = ticketsOfRun.get(runId) ?? new Map<UserId, number>();
    const tickets = (ofRun.get(userId) ?? 0) + by;
    if (tickets > 0) ofRun.set(userId, tickets);
    else ofRun.delete(userId);
    if (ofRun.size === 0) ticketsOfRun.delete(runId);
    else ticketsOfRun.set(runId, ofRun);
  }

  function check(claim: Claim): Result<void, Refusal> {
    const { trips } = claim;
    if ((ticketsOfRun.get(claim.runId)?.get(claim.userId) ?? 0) + trips.length > ticketsPerUserRunMax) {
      return refuse(refusal("UserRunLimit", { limit: ticketsPerUserRunMax }));
    }
    for (let index = 0; index < trips.length; index++) {
      let sameDay = 0;
      for (const other of claimsOf(trips[index]!.documentHash)) {
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
    held.set(claim.orderId, claim);
    count(claim, claim.trips.length);
    for (const { documentHash } of claim.trips) setClaims(documentHash, [...claimsOf(documentHash), claim]);
  }

  function drop(claim: Claim) {
    held.delete(claim.orderId);
    count(claim, -claim.trips.length);
    for (const { documentHash } of claim.trips) {
      setClaims(
        documentHash,
        claimsOf(documentHash).filter((other) => other !== claim),
      );
    }
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
    // Nothing ends by itself here, and what forgets a claim forgets all.
    keep: async () => {},
    async giveBack(orderId, ticketNos) {
      const claim = held.get(orderId);
      if (!claim) return;
      drop(claim);
      const left = ticketNos ? claim.trips.filter(({ ticketNo }) => !ticketNos.includes(ticketNo)) : [];
      if (left.length > 0) take({ ...claim, trips: left });
    },
    async restore(claims) {
      for (const claim of claims) if (!held.has(claim.orderId)) take(claim);
    },
    async forgetBefore(instant) {
      for (const claim of held.values()) if (claim.arriveAt < instant) drop(claim);
    },
  };
}

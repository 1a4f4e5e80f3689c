/** The trips that count, in maps: what the limits are asked of, by the reservations and once more when an order is written. */
import type { Refusal, RunId } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";
import { accountRefusal, documentsRefusal, isReplaced, type TripClaim } from "./counted.ts";
import type { TripLimits } from "./limits.ts";
import { type ClaimName, claimText } from "./reservations.ts";

export type CountedTrips<Entry extends TripClaim = TripClaim> = {
  /** Null where the entry keeps the limits, or is there already. */
  refusalOf(entry: TripClaim, limits: TripLimits): Refusal | null;
  find(name: ClaimName): Entry | undefined;
  /** Without asking the limits. What is there already stays as it is. */
  take(entry: Entry): void;
  release(name: ClaimName, ticketNos?: readonly string[]): void;
  forgetBefore(instant: EpochMs): void;
  /** How many tickets the account has on the run. */
  ticketCount(of: Pick<TripClaim, "runId" | "userId">): number;
  ofDocument(documentHash: string): readonly Entry[];
  all(): readonly Entry[];
};

export function createCountedTrips<Entry extends TripClaim = TripClaim>(): CountedTrips<Entry> {
  const held = new Map<string, Entry>();
  const ticketsOfRun = new Map<RunId, Map<UserId, number>>();
  const entriesOfDocument = new Map<string, readonly Entry[]>();

  const ofDocument = (documentHash: string) => entriesOfDocument.get(documentHash) ?? [];
  const setEntries = (documentHash: string, entries: readonly Entry[]) =>
    entries.length > 0 ? entriesOfDocument.set(documentHash, entries) : entriesOfDocument.delete(documentHash);
  const ticketCount: CountedTrips["ticketCount"] = ({ runId, userId }) => ticketsOfRun.get(runId)?.get(userId) ?? 0;

  function count({ runId, userId }: Entry, by: number) {
    const ofRun = ticketsOfRun.get(runId) ?? new Map<UserId, number>();
    const tickets = (ofRun.get(userId) ?? 0) + by;
    if (tickets > 0) ofRun.set(userId, tickets);
    else ofRun.delete(userId);
    if (ofRun.size === 0) ticketsOfRun.delete(runId);
    else ticketsOfRun.set(runId, ofRun);
  }

  function enter(entry: Entry) {
    held.set(claimText(entry), entry);
    count(entry, entry.trips.length);
    for (const { documentHash } of entry.trips) setEntries(documentHash, [...ofDocument(documentHash), entry]);
  }

  function drop(entry: Entry) {
    held.delete(claimText(entry));
    count(entry, -entry.trips.length);
    for (const { documentHash } of entry.trips) {
      setEntries(
        documentHash,
        ofDocument(documentHash).filter((other) => other !== entry),
      );
    }
  }

  return {
    refusalOf(entry, limits) {
      if (held.has(claimText(entry))) return null;
      const inTheWay = (documentHash: string) => tripsInTheWay(entry, documentHash, ofDocument(documentHash));
      return accountRefusal(entry, ticketCount(entry), limits) ?? documentsRefusal(entry, inTheWay, limits);
    },
    find: (name) => held.get(claimText(name)),
    take(entry) {
      if (!held.has(claimText(entry))) enter(entry);
    },
    release(name, ticketNos) {
      const entry = held.get(claimText(name));
      if (!entry) return;
      drop(entry);
      const left = ticketNos ? entry.trips.filter(({ ticketNo }) => !ticketNos.includes(ticketNo)) : [];
      if (left.length > 0) enter({ ...entry, trips: left });
    },
    forgetBefore(instant) {
      for (const entry of held.values()) if (entry.arriveAt < instant) drop(entry);
    },
    ticketCount,
    ofDocument,
    all: () => [...held.values()],
  };
}

/** Of what counts against a traveller, all but what the claim is to replace. */
export const tripsInTheWay = <Entry extends TripClaim>(
  entry: TripClaim,
  documentHash: string,
  counted: readonly Entry[],
): readonly Entry[] =>
  entry.replaces === undefined
    ? counted
    : counted.filter(
        ({ orderId, line, trips }) =>
          line !== entry.replaces!.line ||
          !trips.some((trip) => trip.documentHash === documentHash && isReplaced(entry, { ...trip, orderId })),
      );

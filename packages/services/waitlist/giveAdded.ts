/**
 * Gives added runs to the entries that accept them. Each entry is settled on its own: one that cannot be given its runs keeps those closed
 * that it would have, and no other.
 */
import { type Policy, type RunId, type Timetable, trainAndDateOf, type UserClient } from "@chepiao/contracts";
import { addDays, type OrderId, waitlistNoOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { Changes } from "./changes.ts";
import { acceptedLegs, decideAdded } from "./decideAdded.ts";

export type GiveAddedDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly policyOf: (policyVersion: number) => Policy;
  readonly users: Pick<UserClient, "passengers">;
  readonly store: Pick<WaitlistStore, "acceptingAdded">;
  readonly changes: Changes;
  readonly report: (message: string, error?: unknown) => void;
};

/** Runs that not all have been given who accept them, with what went wrong. */
export type NotGiven = ReadonlyMap<RunId, unknown>;

const entriesAtOnce = 200;

export function createGiveAdded({ clock, timetable, policyOf, users, store, changes, report }: GiveAddedDeps) {
  /** What every entry has been given by this process. */
  let given: { readonly version: number; readonly runIds: ReadonlySet<RunId> } | null = null;
  /** Told once of each entry. */
  const told = new Set<OrderId>();

  async function giveOne(entry: WaitlistRecord, runIds: ReadonlySet<RunId>): Promise<void> {
    const policy = policyOf(entry.policyVersion);
    if (acceptedLegs(entry, runIds, timetable(), clock.now()).length === 0) return;
    const rules = { policy, saved: await users.passengers(entry.userId) };
    const decide = (now: WaitlistRecord) => ({
      change: decideAdded(now, runIds, timetable(), rules, clock.now()),
    });
    // It was read a moment ago: most have been given all that they accept.
    if (decide(entry).change) await changes.make(entry.entryId, decide);
  }

  /** Every one, where not even that can be said of the entry. */
  function acceptedBy(entry: WaitlistRecord, runIds: ReadonlySet<RunId>): Iterable<RunId> {
    try {
      return acceptedLegs(entry, runIds, timetable(), clock.now()).map(({ run }) => run.runId);
    } catch {
      return runIds;
    }
  }

  function tell({ entryId }: WaitlistRecord, error: unknown) {
    if (told.has(entryId)) return;
    told.add(entryId);
    report(`entry ${waitlistNoOf(entryId)} could not be given the added runs that it accepts; trying again`, error);
  }

  async function giveAll(runIds: ReadonlySet<RunId>): Promise<NotGiven> {
    const failed = new Map<RunId, unknown>();
    let firstDay = trainAndDateOf([...runIds][0]!)[1];
    for (const [, date] of [...runIds].map(trainAndDateOf)) if (date < firstDay) firstDay = date;
    for (let last: OrderId | null = null; ;) {
      // A journey by clocks ahead of the train's may begin the day before.
      const page: readonly WaitlistRecord[] = await store.acceptingAdded(addDays(firstDay, -1), last, entriesAtOnce);
      for (const entry of page)
        await giveOne(entry, runIds).catch((error: unknown) => {
          for (const runId of acceptedBy(entry, runIds)) failed.set(runId, error);
          tell(entry, error);
        });
      if (page.length < entriesAtOnce) return failed;
      last = page.at(-1)!.entryId;
    }
  }

  /** Who opens an entry once all were given theirs gets none of these by his wish: they can be named. */
  return async (version: number, runIds: ReadonlySet<RunId>): Promise<NotGiven> => {
    if (runIds.size === 0 || (given?.version === version && runIds.isSubsetOf(given.runIds))) return new Map();
    const failed = await giveAll(runIds);
    if (failed.size === 0) {
      given = { version, runIds };
      told.clear();
    }
    return failed;
  };
}

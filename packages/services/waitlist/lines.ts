/** The lines of runs as the seat store is to have them, from the entries: where they are in memory, before the doors open; after a loss, by the repair. */
import {
  isUndecided,
  type LinesClient,
  type Need,
  type OrderClient,
  type Run,
  type RunId,
  type Timetable,
  type TimetableClient,
  trainAndDateOf,
} from "@chepiao/contracts";
import { waitlistNoOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { isInLine, type WaitlistRecord, type WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { Changes } from "./changes.ts";
import { decideJoinAgain, decideNotOrdered, decideOrdered } from "./decide.ts";
import { needsOf } from "./needs.ts";

export type LinesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly store: Pick<WaitlistStore, "ofRun" | "waitedFor">;
  readonly inventory: Pick<LinesClient, "setLine">;
  readonly orders: Pick<OrderClient, "isLive">;
  readonly changes: Changes;
  readonly report: (message: string, error?: unknown) => void;
};

export function createLines({ clock, timetable, store, inventory, orders, changes, report }: LinesDeps) {
  /** Of one that was given seats by a process that has died: it has its order, or the seats are forgotten and it waits again. */
  async function settle(entry: WaitlistRecord): Promise<void> {
    const isOrdered = await orders.isLive(entry.entryId);
    await changes.make(entry.entryId, (now) => ({
      change: isOrdered ? decideOrdered(now, clock.now()) : decideNotOrdered(now, "SoldOut", clock.now()),
    }));
  }

  /**
   * What is read of a run's entries may be older than what has joined it since: nothing joined it before the doors are open. The line of an
   * added run that not all have been given who accept it stays empty, like the run closed.
   */
  async function setAll(notGiven: Pick<ReadonlyMap<RunId, unknown>, "has">): Promise<void> {
    const runIds = new Set((await store.waitedFor()).keys());
    const known = new Set(runsOf(runIds, timetable()).map(({ runId }) => runId));
    for (const runId of runIds)
      if (!known.has(runId)) report(`entries wait for run ${runId}, which the timetable does not know`);
    for (const run of runsOf(runIds, timetable())) {
      for (const entry of await store.ofRun(run.runId)) if (entry.state === "granted") await settle(entry);
    }
    const ready = [...(await store.waitedFor()).keys()].filter((runId) => !notGiven.has(runId));
    for (const run of runsOf(ready, timetable()))
      await inventory.setLine(run, await waitingFor(run, { store, timetable }), Number.MAX_SAFE_INTEGER);
  }

  return { setAll };
}

/** Lets an entry wait in the lines of its runs, where it does not yet. Answers whether each of them has said yes or no. */
export type JoinLines = (entry: WaitlistRecord) => Promise<boolean>;

export type JoinLinesDeps = Pick<LinesDeps, "clock" | "timetable" | "changes" | "report"> & {
  readonly inventory: Pick<LinesClient, "join">;
  readonly trains: Pick<TimetableClient, "added">;
};

/**
 * Where one could not say, as while its room has another timetable than ours, the entry is due again soon. So it is for a train that was just
 * added: all who wait for it come into its line at once, or who was heard of first would be served before who has paid first.
 */
export const createJoinLines =
  ({ clock, timetable, inventory, trains, changes, report }: JoinLinesDeps): JoinLines =>
  async (entry) => {
    if (!isInLine(entry)) return true;
    const all = needsOf(entry, timetable());
    const needs = all.filter(({ run }) => !trains.added().runIds.has(run.runId));
    const refused = (await inventory.join(needs)).map((why, n) => why && { why, runId: needs[n]!.run.runId });
    const undecided = needs.length < all.length || refused.some((each) => each && isUndecided(each.why));
    for (const each of refused)
      if (each && !isUndecided(each.why))
        report(`entry ${waitlistNoOf(entry.entryId)} could not join the line of ${each.runId}: ${each.why.code}`);
    if (undecided) await changes.make(entry.entryId, (now) => ({ change: decideJoinAgain(now, clock.now()) }));
    return !undecided;
  };

/** All who wait for it, in one step and in their order. */
export async function setLineOf(
  run: Run,
  deps: Pick<LinesDeps, "store" | "timetable" | "inventory">,
): Promise<readonly Need[]> {
  const needs = await waitingFor(run, deps);
  await deps.inventory.setLine(run, needs, Math.max(0, ...needs.map(({ place }) => place)));
  return needs;
}

export async function waitingFor(
  run: Run,
  { store, timetable }: Pick<LinesDeps, "timetable"> & { readonly store: Pick<WaitlistStore, "ofRun"> },
): Promise<Need[]> {
  return needsOn(run, await store.ofRun(run.runId), timetable());
}

export const needsOn = (run: Run, entries: readonly WaitlistRecord[], timetable: Timetable): Need[] =>
  entries.flatMap((entry) => needsOf(entry, timetable)).filter((need) => need.run.runId === run.runId);

export type RepairLinesDeps = Pick<LinesDeps, "store" | "timetable"> & {
  readonly inventory: Pick<LinesClient, "join" | "setLine">;
  /** Runs that were just added, as they are now. */
  readonly added: () => Promise<ReadonlySet<RunId>>;
};

/**
 * Gives a seat store back who waits, while entries come and go: once its seats are repaired, or sold ones would be given to who waits. Answers
 * after each run how many needs were set so far. An entry that was prepaid between the read and the set is there a moment later: what is
 * read anew joins, and who is in line already stays as he is.
 *
 * Trains that were just added are left to who adds them. One that was opened meanwhile is set as well: what its line had before the loss may
 * be missing.
 *
 * @param only of these runs; of every one, where it is null
 */
export async function* repairLines(deps: RepairLinesDeps, only: ReadonlySet<RunId> | null): AsyncIterable<number> {
  const { store, timetable, inventory } = deps;
  let count = 0;
  let left = await deps.added();
  const repair = async function* (isMeant: (runId: RunId) => boolean): AsyncIterable<number> {
    const waitedFor = [...(await store.waitedFor()).keys()].filter(
      (runId) => (only === null || only.has(runId)) && isMeant(runId),
    );
    for (const run of runsOf(waitedFor, timetable())) {
      const needs = await setLineOf(run, deps);
      await inventory.join(await waitingFor(run, deps));
      count += needs.length;
      yield count;
    }
  };
  yield* repair((runId) => !left.has(runId));
  for (let before = left; left.size > 0; before = left) {
    left = await deps.added();
    const opened = before.difference(left);
    if (opened.size === 0) return;
    yield* repair((runId) => opened.has(runId));
  }
}

export const runsOf = (runIds: Iterable<RunId>, timetable: Pick<Timetable, "run">): Run[] =>
  [...runIds].map((runId) => timetable.run(...trainAndDateOf(runId))).filter((run) => run !== null);

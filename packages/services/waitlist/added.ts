/**
 * Trains that the railway adds while their day is on sale. Whoever accepts them waits for them too, in the place that he has: his entry is given
 * the train, all such entries stand in its line, and only then anybody else may buy it (I5). Whoever dies on the way is followed by the next
 * pass: what an entry has been given it is not given again, and a line may be joined as often as one likes.
 */
import {
  isUndecided,
  type LinesClient,
  type Run,
  type RunId,
  type Timetable,
  type TimetableClient,
} from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import { createGiveAdded, type GiveAddedDeps, type NotGiven } from "./giveAdded.ts";
import { needsOn, runsOf } from "./lines.ts";

export type AddedDeps = Omit<GiveAddedDeps, "store"> & {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly trains: Pick<TimetableClient, "added" | "openAdded">;
  readonly store: Pick<WaitlistStore, "acceptingAdded" | "idsOfRun" | "loadAll" | "waitedFor">;
  readonly inventory: Pick<LinesClient, "join">;
  /** So long after it was taken over here, every process has the timetable. */
  readonly everywhereAfterMs: number;
};

const entriesAtOnce = 200;
/** As many as a line of the log names. */
const namedMax = 10;

/** The code of a refusal, or that it failed and with what. */
type WhyClosed = { readonly reason: string; readonly error?: unknown };

const failedWith = (error: unknown): WhyClosed => ({ reason: "failed", error });

export function createAdded(deps: AddedDeps) {
  const { clock, timetable, trains, store, inventory, report } = deps;
  const giveAdded = createGiveAdded(deps);
  /** By the last pass of this process. */
  let closed: ReadonlyMap<RunId, WhyClosed> = new Map();

  /** Gives them to the entries that accept them. */
  async function give(): Promise<NotGiven> {
    const { version, runIds } = trains.added();
    return giveAdded(version, runIds);
  }

  /** Lets those join who wait for the run and are not in `known`, and notes them there; says why, where not all of them could. */
  async function joinRest(run: Run, known: Set<OrderId>): Promise<string | null> {
    const entryIds = (await store.idsOfRun(run.runId)).filter((entryId) => !known.has(entryId));
    for (let first = 0; first < entryIds.length; first += entriesAtOnce) {
      const page = entryIds.slice(first, first + entriesAtOnce);
      const refused = await inventory.join(needsOn(run, await store.loadAll(page), timetable()));
      const undecided = refused.find((why) => why && isUndecided(why));
      if (undecided) return undecided.code;
      for (const entryId of page) known.add(entryId);
    }
    return null;
  }

  /**
   * Lets all who wait for the run join its line, and opens it. The line is joined from its front, so that who is in it at any moment are the
   * first of those who wait: seats that come back on the way, and a pass that ends on the way, put nobody before another. Who is in line
   * already stays as he is. Says why it stays closed, or whether the version was the newest still.
   */
  async function open(version: number, run: Run): Promise<WhyClosed | boolean> {
    const known = new Set<OrderId>();
    const code =
      (await joinRest(run, new Set())) ??
      // Everybody once more: a failover may have forgotten the front while those behind it joined.
      (await joinRest(run, known)) ??
      // Who has prepaid while those joined: right before it is everybody's.
      (await joinRest(run, known));
    if (code !== null) return { reason: code };
    const isNewest = await trains.openAdded(version, new Set([run.runId]));
    if (isNewest) await joinLate(run, known);
    return isNewest;
  }

  /** Who has prepaid while it was opened need not wait until he is due again, where he would be let in if this fails. */
  const joinLate = (run: Run, known: Set<OrderId>) =>
    joinRest(run, known).catch((error: unknown) =>
      report(`who has prepaid while run ${run.runId} was opened joins its line a few seconds later`, error),
    );

  /** Those that are waited for, the shorter lines first. */
  async function waitedFor(runIds: ReadonlySet<RunId>): Promise<Run[]> {
    const lengths = await store.waitedFor();
    const ids = [...runIds].filter((runId) => lengths.has(runId));
    return runsOf(
      ids.sort((a, b) => lengths.get(a)! - lengths.get(b)!),
      timetable(),
    );
  }

  /** Those that nobody waits for, together; false where a newer timetable has come. */
  async function openIdle(version: number, runIds: ReadonlySet<RunId>): Promise<boolean> {
    const waited = new Set((await waitedFor(runIds)).map(({ runId }) => runId));
    const idle = runIds.difference(waited);
    if (idle.size === 0) return true;
    if (!(await trains.openAdded(version, idle))) return false;
    for (const run of await waitedFor(idle)) await joinLate(run, new Set());
    return true;
  }

  /** Opens each as soon as its line stands; false where a newer timetable has come. Notes in `why` which stay closed. */
  async function openAll(version: number, runIds: ReadonlySet<RunId>, why: Map<RunId, WhyClosed>): Promise<boolean> {
    if (!(await openIdle(version, runIds))) return false;
    for (const run of await waitedFor(trains.added().runIds.intersection(runIds))) {
      // What is wrong with one run keeps no other closed.
      const opened = await open(version, run).catch(failedWith);
      if (opened === false) return false;
      if (opened !== true) why.set(run.runId, opened);
    }
    return true;
  }

  /** True where nothing is left to be opened. */
  async function pass(): Promise<boolean> {
    const { version, runIds, since } = trains.added();
    if (runIds.size > 0 && clock.now() < since + deps.everywhereAfterMs) return false;
    const why = new Map<RunId, WhyClosed>();
    try {
      if (runIds.size === 0) return true;
      const notGiven = await give();
      for (const [runId, error] of notGiven) why.set(runId, failedWith(error));
      const isNewest = await openAll(version, runIds.difference(notGiven), why);
      return isNewest && why.size === 0;
    } catch (error) {
      for (const runId of trains.added().runIds) if (!why.has(runId)) why.set(runId, failedWith(error));
      throw error;
    } finally {
      const before = closed;
      closed = why;
      tellClosed(before);
    }
  }

  /** Once of each, as long as it is closed for the same reason. */
  function tellClosed(before: ReadonlyMap<RunId, WhyClosed>) {
    const fresh = [...closed].filter(([runId, { reason }]) => before.get(runId)?.reason !== reason);
    if (fresh.length === 0) return;
    const named = fresh.slice(0, namedMax).map(([runId, { reason }]) => `${runId} (${reason})`);
    const rest = fresh.length > namedMax ? ` and ${fresh.length - namedMax} more` : "";
    const error = fresh.find(([, why]) => why.error !== undefined)?.[1].error;
    report(`added runs stay closed, because not all who wait are in their lines: ${named.join(", ")}${rest}`, error);
  }

  return {
    pass,
    give,
    /** Once their lines are set: everybody may buy them, but for those. */
    async open(notGiven: NotGiven) {
      const { version, runIds } = trains.added();
      const ready = runIds.difference(notGiven);
      if (ready.size > 0) await trains.openAdded(version, ready);
    },
    /** How many the last pass has left closed, by why. */
    closedBy: (): ReadonlyMap<string, number> => {
      const counts = new Map<string, number>();
      for (const { reason } of closed.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      return counts;
    },
  };
}

export type Added = ReturnType<typeof createAdded>;

/**
 * Quotas from where they are kept to where they are asked: into the seat store, which forgets them. What an operator changed is there a
 * second later; all of them before the doors open where seats are in memory, when this process is elected, after a newer timetable, each
 * day, because more runs come on sale, and now and then where a store may have lost some.
 */
import {
  type OfferChange,
  type OdGroup,
  type Run,
  type RunId,
  seatsOf,
  ServiceUnavailable,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import {
  addDays,
  dateOfDayNumber,
  dayMs,
  type EpochMs,
  hourMs,
  minuteMs,
  saleWindowDaysMax,
  secondMs,
  type ServiceDate,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { ClassQuotas, QuotaPage, QuotaStore, StationQuota } from "@chepiao/ports/quota-store";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { isClosed, isRunAs, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { sweepingElection, type Work } from "@chepiao/room";

export type QuotaKeeperDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Pick<Timetable, "run" | "version">;
  readonly store: QuotaStore;
  readonly seats: Pick<SeatStore, "setOffers" | "waitlists">;
  /** Runs that were exchanged, as who withdraws their seats has last read of them: he keeps closed what is. */
  readonly exchanged: () => readonly WithdrawnCoaches[];
  /** Seats are in memory, and offers with them; elsewhere a failover may lose what it has answered. */
  readonly forgetsOffers: boolean;
  readonly report: (message: string, error?: unknown) => void;
};

export type QuotaKeeper = {
  /** All of them, to be called once seats are empty and before anybody is served. */
  reload(): Promise<void>;
  /** One look: what changed is set, and who waits is served where a limit has begun. */
  follow(): Promise<void>;
  readonly work: readonly Work[];
};

const followEveryMs = secondMs;
/** What was set hours ago no failover loses: replicas are moments behind. All is set again for what was set in the last of them. */
export const setAgainEveryMs = 5 * minuteMs;
const runsAtOnce = 200;
/** After the day on which a run began. */
const keptDays = 7;

/** No sale of a run of that day, or of a later one, opens before tomorrow, in whatever zone. */
export const followedBefore = (today: ServiceDate): ServiceDate => addDays(today, saleWindowDaysMax + 2);

type QuotasOfRun = { readonly run: Run; readonly ofRun: readonly ClassQuotas[] };

/** Moments at which limits of a run begin, in order; `next` is the first that is to come. */
type Limits = { readonly run: Run; readonly moments: Float64Array; next: number };

export function createQuotaKeeper(deps: QuotaKeeperDeps): QuotaKeeper {
  const { clock, timetable, store, seats, report } = deps;
  const limitsByRun = new Map<RunId, Limits>();
  /** The soonest moment of all runs, so that a second in which none begins costs nothing. */
  let beginsAt = Infinity;
  let seen = 0;
  let timetableVersion = -1;
  let setAllAt = -Infinity;
  /** Since when those were exchanged whose quotas are in force again. */
  const opened = new Map<RunId, EpochMs>();
  /** A day on, runs of one more day are on sale before long. */
  let setAllOn: ServiceDate | null = null;

  /** Which zone's day it is does not matter: days are kept and followed with some to spare. */
  const today = () => dateOfDayNumber(Math.floor(clock.now() / dayMs));

  async function bring(after: number): Promise<void> {
    const current = timetable();
    const before = followedBefore(today());
    let first: QuotaPage | undefined;
    for (let page: QuotaPage | undefined; page?.next !== null;) {
      page = await store.since(after, before, page?.next);
      // What was changed while pages were read is asked for again.
      first ??= page;
      // A run's classes together, where a page does not end between them.
      for (const some of pagesOf([...Map.groupBy(page.changed, ({ runId }) => runId)])) await bringRuns(some, current);
    }
    seen = first!.version;
    timetableVersion = current.version;
  }

  async function bringRuns(
    some: readonly [RunId, readonly ClassQuotas[]][],
    current: Pick<Timetable, "run">,
  ): Promise<void> {
    const now = clock.now();
    const closed = new Set(deps.exchanged().flatMap((each) => (isClosed(each) ? each.runId : [])));
    const known = some.flatMap(([runId, ofRun]): QuotasOfRun[] => {
      const run = current.run(...trainAndDateOf(runId));
      return run && !hasArrived(run, now) && !closed.has(runId) ? [{ run, ofRun }] : [];
    });
    await set(known, now);
    // As of then: a limit that began since is still to be served.
    for (const each of known) noteMoments(each, now);
  }

  /** One that cannot be set must not keep those behind it from being in force. */
  async function set(some: readonly QuotasOfRun[], now: EpochMs): Promise<void> {
    const changes = some.flatMap(({ run, ofRun }) => ofRun.map((quotas) => offerChangeOf(run, quotas)));
    try {
      const refused = await seats.setOffers(changes, now);
      refused.forEach((why, n) => {
        // One that has left needs none.
        if (why && why.code !== "SaleClosed")
          report(`quotas of ${changes[n]!.run.runId}, ${changes[n]!.seatClass}, cannot be in force: ${why.code}`);
      });
    } catch (error) {
      // Nobody is there to set them: all of it is done again.
      if (error instanceof ServiceUnavailable) throw error;
      if (some.length === 1) return report(`quotas of ${some[0]!.run.runId} cannot be in force`, error);
      for (const each of some) await set([each], now);
    }
  }

  /** Of a change to one class, beside what is known of the others. */
  function noteMoments({ run, ofRun }: QuotasOfRun, now: EpochMs) {
    const known = limitsByRun.get(run.runId)?.moments ?? [];
    const all = ofRun.flatMap(({ quotas }) => quotas.flatMap(({ limits }) => limits.map(({ since }) => since)));
    const moments = Float64Array.from(new Set([...known, ...all].filter((since) => since > now))).sort();
    if (moments.length > 0) limitsByRun.set(run.runId, { run, moments, next: 0 });
    else limitsByRun.delete(run.runId);
    beginsAt = Math.min(beginsAt, ...moments.subarray(0, 1));
  }

  /** Holds and displays serve whoever waits by themselves; this is for the moment at which nobody comes. */
  async function serveBegun(now: EpochMs): Promise<void> {
    if (now < beginsAt) return;
    const begun = [...limitsByRun.values()].filter(({ moments, next }) => moments[next]! <= now);
    for (const some of pagesOf(begun)) {
      await seats.waitlists.serve(
        some.map(({ run }) => run),
        now,
      );
      for (const limits of some) {
        while (limits.moments[limits.next]! <= now) limits.next++;
        if (limits.next === limits.moments.length) limitsByRun.delete(limits.run.runId);
      }
    }
    beginsAt = [...limitsByRun.values()].reduce(
      (first, { moments, next }) => Math.min(first, moments[next]!),
      Infinity,
    );
  }

  /** Of runs that are closed no more: as operators have set them, or none. Who waits is served in the same step. */
  async function bringOpened(): Promise<void> {
    const current = timetable();
    for (const { runId, exchange } of deps.exchanged()) {
      if (exchange!.openedAt === null || opened.get(runId) === exchange!.since) continue;
      const run = current.run(...trainAndDateOf(runId));
      if (!run || !isRunAs(run, exchange)) continue;
      const kept = await store.ofRun(runId);
      const ofRun = [...seatsOf(run.train.composition).keys()].map(
        (seatClass) => kept.find((each) => each.seatClass === seatClass) ?? { runId, seatClass, quotas: [] },
      );
      await bringRuns([[runId, ofRun]], current);
      opened.set(runId, exchange!.since);
    }
  }

  async function bringAll(): Promise<void> {
    opened.clear();
    limitsByRun.clear();
    beginsAt = Infinity;
    const day = today();
    await bring(0);
    await bringOpened();
    setAllOn = day;
    setAllAt = deps.forgetsOffers ? Infinity : clock.now() + setAgainEveryMs;
  }

  async function follow(): Promise<void> {
    // First, so that those who wait need not wait for SQL, too.
    await serveBegun(clock.now());
    const isAllDue = timetable().version !== timetableVersion || clock.now() >= setAllAt || today() !== setAllOn;
    if (isAllDue) await bringAll();
    else if ((await store.version()) !== seen) await bring(seen);
    await bringOpened();
  }

  const forget = () => store.forgetBefore(addDays(today(), -keptDays));

  const job = (name: string, everyMs: number, pass: () => Promise<unknown>): Work => ({
    kind: "job",
    name,
    electedAs: sweepingElection,
    everyMs,
    pass,
    failed: `quotas could not be looked after (${name}); trying again`,
  });
  return {
    reload: bringAll,
    follow,
    work: [job("quotas", followEveryMs, follow), job("quotas of runs of long ago", hourMs, forget)],
  };
}

export const hasArrived = ({ dayStart, train }: Run, now: EpochMs): boolean =>
  dayStart + train.stops.at(-1)!.arriveS * secondMs <= now;

/**
 * As the seat store takes them. A quota of stations at which the run does not call any more, or of no way, limits nothing: the rest of its
 * class's is in force.
 */
export function offerChangeOf(run: Run, { seatClass, quotas }: Omit<ClassQuotas, "runId">): OfferChange {
  const groups = quotas.map((quota) => ({ ...groupOf(run, quota), limits: quota.limits }));
  return { run, seatClass, quotas: groups.filter(hasWays) };
}

export const groupOf = ({ train }: Run, { fromStations, toStations }: Omit<StationQuota, "limits">): OdGroup => {
  const stopsOf = (stations: readonly string[] | null) =>
    train.stops.flatMap(({ stationId }, stop) => (stations === null || stations.includes(stationId) ? [stop] : []));
  return { fromStops: stopsOf(fromStations), toStops: stopsOf(toStations) };
};

export const hasWays = ({ fromStops, toStops }: OdGroup): boolean => Math.min(...fromStops) < Math.max(...toStops);

/** Of a quota, the limit in force; nothing may be held before the first. */
export function limitAt({ limits }: Pick<StationQuota, "limits">, now: number): number | null {
  const begun = limits.findLast(({ since }) => since <= now);
  return begun ? begun.seats : 0;
}

function* pagesOf<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += runsAtOnce) yield all.slice(start, start + runsAtOnce);
}

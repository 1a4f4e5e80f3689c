/**
 * Withdrawn coaches, and what runs were exchanged for, from where they are kept to where seats are sold: into the seat store, which forgets them. What
 * an operator said is there a second later. All are set before the doors open where seats are in memory, when this process is elected, after a newer timetable,
 * each day, because more runs are known, and now and then where a store may have lost some. Setting again changes nothing.
 */
import {
  type OfferChange,
  type Run,
  type RunId,
  presentSeatsOf,
  type Quota,
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
  epochMs,
  hourMs,
  secondMs,
  type ServiceDate,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { isClosed, isRunAs, type WithdrawnCoaches, type WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { sweepingElection, type Work } from "@chepiao/room";
import { hasArrived, setAgainEveryMs } from "./quotas.ts";

export type WithdrawnKeeperDeps = {
  readonly clock: Pick<Clock, "now" | "soon">;
  readonly timetable: () => Pick<Timetable, "run" | "version">;
  readonly store: WithdrawnCoachStore;
  readonly seats: Pick<SeatStore, "setOffers">;
  /** Seats are in memory, and offers with them; elsewhere a failover may lose what it has answered. */
  readonly forgetsOffers: boolean;
  readonly report: (message: string, error?: unknown) => void;
};

export type WithdrawnKeeper = {
  /** All of them, to be called before anybody is served. Answers of how many runs they could not be set; those are tried again at each look. */
  reload(): Promise<number>;
  /** One look: what was withdrawn or put back is set. */
  follow(): Promise<void>;
  /** Those that were exchanged, as last read: none of their seats is for who buys or waits while they are closed, whatever quotas say. */
  exchanged(): readonly WithdrawnCoaches[];
  readonly work: readonly Work[];
};

const followEveryMs = secondMs;
/** Seats may be sold on this very thread: so many runs, and then whoever buys. */
const runsAtOnce = 200;
/** After the day on which a run began. */
const keptDays = 7;

type LastSet = {
  readonly version: number;
  readonly timetableVersion: number;
  readonly day: ServiceDate;
  readonly at: number;
};

export function createWithdrawnKeeper(deps: WithdrawnKeeperDeps): WithdrawnKeeper {
  const { clock, timetable, store, seats, report } = deps;
  let last: LastSet | null = null;
  /** What was set of each run since all were. */
  let done = new Map<RunId, string>();
  /** Why runs could not be set that are still to be. */
  const failed = new Map<RunId, string>();
  let exchanged: readonly WithdrawnCoaches[] = [];

  /** Which zone's day it is does not matter: days are kept with some to spare. */
  const today = () => dateOfDayNumber(Math.floor(clock.now() / dayMs));

  async function reload(): Promise<number> {
    const day = today();
    last = null;
    done = new Map();
    failed.clear();
    const timetableVersion = timetable().version;
    const at = clock.now();
    const version = await setChanged();
    last = { version, timetableVersion, day, at };
    return failed.size;
  }

  /** Of the runs whose coaches are others than was set. Again while operators speak: what was read before must not undo a later word. */
  async function setChanged(): Promise<number> {
    for (;;) {
      const current = timetable();
      const { version, runs } = await store.all();
      // Before any of them is set: who sets quotas must not open one that is closed here.
      exchanged = runs.filter(({ exchange }) => exchange);
      const now = clock.now();
      let count = 0;
      for (const said of runs) {
        const { runId } = said;
        if (done.get(runId) === textOf(said)) continue;
        if (++count % runsAtOnce === 0) await new Promise<void>((resolve) => clock.soon(resolve));
        const run = current.run(...trainAndDateOf(runId));
        const why = run && !hasArrived(run, now) ? await set(run, said, now) : null;
        if (why === null) {
          done.set(runId, textOf(said));
          failed.delete(runId);
        } else {
          done.delete(runId);
          failed.set(runId, why);
        }
      }
      await noteClosed(version, now);
      if ((await store.version()) === version) return version;
    }
  }

  /** Who gives people other seats begins when they are for nobody else. Where somebody was quicker, it is said once more. */
  async function noteClosed(version: number, now: EpochMs): Promise<void> {
    let newest: number | null = version;
    for (const said of exchanged) {
      const { runId, exchange } = said;
      if (exchange!.closedAt !== null || done.get(runId) !== textOf(said)) continue;
      newest = await store.set(newest, { ...said, exchange: { ...exchange!, closedAt: now } });
      if (newest === null) return;
    }
  }

  /** Run by run: one that cannot be set must not keep the others from being withdrawn. Answers why it could not be, or null. */
  async function set(run: Run, said: WithdrawnCoaches, now: EpochMs): Promise<string | null> {
    // Before long it hears: until then the run is sold as what it was.
    if (!isRunAs(run, said.exchange)) return "the timetable has not heard of its exchange";
    const changes = withdrawnChanges(run, said);
    // Said once, however often it is tried again.
    const tell = (why: string, error?: unknown) => {
      if (failed.get(run.runId) !== why) report(why, error);
      return why;
    };
    try {
      const refused = await seats.setOffers(changes, now);
      // Of one that has left nothing is sold.
      const wrong = refused.flatMap((why, n) =>
        why && why.code !== "SaleClosed" ? [`${changes[n]!.seatClass}, cannot be withdrawn: ${why.code}`] : [],
      );
      return wrong.length === 0 ? null : tell(`seats of ${run.runId}, ${wrong.join("; ")}`);
    } catch (error) {
      // Nobody is there to set them: all of it is done again.
      if (error instanceof ServiceUnavailable) throw error;
      return tell(`seats of ${run.runId} cannot be withdrawn`, error);
    }
  }

  async function follow(): Promise<void> {
    const isAllDue =
      last === null ||
      timetable().version !== last.timetableVersion ||
      today() !== last.day ||
      (!deps.forgetsOffers && clock.now() >= last.at + setAgainEveryMs);
    if (isAllDue) await reload();
    else if (failed.size > 0 || (await store.version()) !== last?.version)
      last = { ...last!, version: await setChanged() };
  }

  const job = (name: string, everyMs: number, pass: () => Promise<unknown>): Work => ({
    kind: "job",
    name,
    electedAs: sweepingElection,
    everyMs,
    pass,
    failed: `withdrawn coaches could not be looked after (${name}); trying again`,
  });
  return {
    reload,
    follow,
    exchanged: () => exchanged,
    work: [
      job("withdrawn coaches", followEveryMs, follow),
      job("withdrawn coaches of runs of long ago", hourMs, () => store.forgetBefore(addDays(today(), -keptDays))),
    ],
  };
}

/** What of it is to be set. */
const textOf = (said: WithdrawnCoaches): string =>
  [said.coachNos.join(), said.exchange ? `${said.exchange.since} ${isClosed(said)}` : ""].join(";");

/**
 * As the seat store takes them, in one step, one a class: also where none of its seats is withdrawn, because it may have had some. A seat that only a
 * composition before had is for nobody. Those that are new are given out by the same word that keeps them for who is moved.
 */
function withdrawnChanges(run: Run, said: WithdrawnCoaches): OfferChange[] {
  const { composition } = run.train;
  const present = presentSeatsOf(composition);
  return [...seatsOf(composition)].map(([seatClass, seats]) => {
    const isSold = ({ coachNo }: { readonly coachNo: number }) => !said.coachNos.includes(coachNo);
    const sold = new Set(
      present
        .get(seatClass)!
        .filter(isSold)
        .map(({ index }) => index),
    );
    return {
      run,
      seatClass,
      withdrawn: seats.filter(({ index }) => !sold.has(index)).map(({ index }) => index),
      ...(isClosed(said) && { quotas: [quotaOfNothing(run)] }),
    };
  });
}

function quotaOfNothing({ train }: Run): Quota {
  const stops = [...train.stops.keys()];
  return { fromStops: stops, toStops: stops, limits: [{ since: epochMs(0), seats: 0 }] };
}

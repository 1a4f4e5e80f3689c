/**
 * Withdrawn coaches from where they are kept to where seats are sold: into the seat store, which forgets them. What an operator withdrew is
 * there a second later. All are set before the doors open where seats are in memory, when this process is elected, after a newer timetable,
 * each day, because more runs are known, and now and then where a store may have lost some. Setting again changes nothing.
 */
import {
  type OfferChange,
  type Run,
  seatsOf,
  ServiceUnavailable,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { addDays, dateOfDayNumber, dayMs, type EpochMs, hourMs, secondMs, type ServiceDate } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { SeatStore } from "@chepiao/ports/seat-store";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { sweepingElection, type Work } from "@chepiao/room";
import { hasArrived, setAgainEveryMs } from "./quotas.ts";

export type WithdrawnKeeperDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Pick<Timetable, "run" | "version">;
  readonly store: WithdrawnCoachStore;
  readonly seats: Pick<SeatStore, "setOffers">;
  /** Seats are in memory, and offers with them; elsewhere a failover may lose what it has answered. */
  readonly forgetsOffers: boolean;
  readonly report: (message: string, error?: unknown) => void;
};

export type WithdrawnKeeper = {
  /** All of them, to be called before anybody is served. */
  reload(): Promise<void>;
  /** One look: what was withdrawn or put back is set. */
  follow(): Promise<void>;
  readonly work: readonly Work[];
};

const followEveryMs = secondMs;
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

  /** Which zone's day it is does not matter: days are kept with some to spare. */
  const today = () => dateOfDayNumber(Math.floor(clock.now() / dayMs));

  async function reload(): Promise<void> {
    const current = timetable();
    const { version, runs } = await store.all();
    const now = clock.now();
    for (const { runId, coachNos } of runs) {
      const run = current.run(...trainAndDateOf(runId));
      if (run && !hasArrived(run, now)) await set(run, coachNos, now);
    }
    last = { version, timetableVersion: current.version, day: today(), at: now };
  }

  /** Run by run: one that cannot be set must not keep the others from being withdrawn. */
  async function set(run: Run, coachNos: readonly number[], now: EpochMs): Promise<void> {
    const changes = withdrawnChanges(run, coachNos);
    try {
      const refused = await seats.setOffers(changes, now);
      refused.forEach((why, n) => {
        // Of one that has left nothing is sold.
        if (why && why.code !== "SaleClosed")
          report(`seats of ${run.runId}, ${changes[n]!.seatClass}, cannot be withdrawn: ${why.code}`);
      });
    } catch (error) {
      // Nobody is there to set them: all of it is done again.
      if (error instanceof ServiceUnavailable) throw error;
      report(`seats of ${run.runId} cannot be withdrawn`, error);
    }
  }

  async function follow(): Promise<void> {
    const isAllDue =
      last === null ||
      timetable().version !== last.timetableVersion ||
      today() !== last.day ||
      (!deps.forgetsOffers && clock.now() >= last.at + setAgainEveryMs);
    if (isAllDue || (await store.version()) !== last?.version) await reload();
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
    work: [
      job("withdrawn coaches", followEveryMs, follow),
      job("withdrawn coaches of runs of long ago", hourMs, () => store.forgetBefore(addDays(today(), -keptDays))),
    ],
  };
}

/** As the seat store takes them, one a class: also where none of its seats is in these coaches, because it may have had some. */
const withdrawnChanges = (run: Run, coachNos: readonly number[]): OfferChange[] =>
  [...seatsOf(run.train.composition)].map(([seatClass, seats]) => ({
    run,
    seatClass,
    withdrawn: seats.filter(({ coachNo }) => coachNos.includes(coachNo)).map(({ index }) => index),
  }));

/**
 * What time alone does to the waitlist: prepayments lapse, trains reach their latest time of decision, limits of quotas begin; and what was
 * left half-done by a process that died is taken up.
 */
import { type LinesClient, type Timetable, timetableFreshMs } from "@chepiao/contracts";
import { addDays, dateOfDayNumber, dayMs, hourMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createCancelledRuns, isOff, type RunStateStore } from "@chepiao/ports/run-states";
import { isInLine, type WaitlistRecord, type WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { Work } from "@chepiao/room";
import type { Added } from "./added.ts";
import type { Changes } from "./changes.ts";
import { type CountDeps, createCount, keptDays } from "./count.ts";
import { decideJoined, decideRunCancelled, decideTaken, decideTime } from "./decide.ts";
import { type JoinLines, runsOf } from "./lines.ts";
import { createRetention } from "./retention.ts";
import type { Serve } from "./serve.ts";

export type JobsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly store: CountDeps["store"] &
    Pick<WaitlistStore, "due" | "forgetEnded" | "forgetRuns" | "ofRun" | "waitedFor">;
  readonly entriesKeptMs: number;
  /** Which runs an operator has cancelled. */
  readonly runStates: Pick<RunStateStore, "read" | "version">;
  readonly inventory: Pick<LinesClient, "serveLines">;
  readonly changes: Changes;
  readonly joinLines: JoinLines;
  readonly serve: Pick<Serve, "goOn">;
  readonly added: Pick<Added, "pass">;
  readonly count: (what: "expired") => void;
  readonly report: (message: string, error?: unknown) => void;
};

const batchMax = 200;
const runsAtOnce = 200;

export function createJobs({
  clock,
  timetable,
  store,
  entriesKeptMs,
  runStates,
  inventory,
  changes,
  joinLines,
  serve,
  added,
  count: tally,
  report,
}: JobsDeps) {
  async function lookAt(entry: WaitlistRecord) {
    if (entry.state === "granted") {
      // Taken for a while, so that one process is at it, and those behind it have their turn.
      const taken = await changes.make(entry.entryId, (now) => ({
        change: now.version === entry.version ? decideTaken(now, clock.now()) : null,
      }));
      if (taken?.decision.change) await serve.goOn(taken.entry);
      return;
    }
    const made = await changes.make(entry.entryId, (now) => ({ change: decideTime(now, clock.now()) }));
    if (made?.decision.change && made.entry.state === "expired") tally("expired");
    // Due before its time: it is not in all of its lines yet.
    const isEarly = made?.decision.change === null && isInLine(made.entry);
    if (isEarly && (await joinLines(made.entry)))
      await changes.make(entry.entryId, (now) => ({ change: decideJoined(now, clock.now()) }));
  }

  /** One that fails stands in nobody's way: it is due the next time, too. */
  async function time() {
    const entries = await store.due(clock.now(), batchMax);
    const done = await Promise.allSettled(entries.map(lookAt));
    for (const each of done) if (each.status === "rejected") report("an entry could not be looked at", each.reason);
    return entries.length === batchMax && done.some(({ status }) => status === "fulfilled");
  }

  async function serveLines() {
    const runs = runsOf((await store.waitedFor()).keys(), timetable());
    for (let first = 0; first < runs.length; first += runsAtOnce)
      await inventory.serveLines(runs.slice(first, first + runsAtOnce));
  }

  const cancelledRuns = createCancelledRuns(runStates);
  /** Who waits for a train that does not run waits for its others, or has the money back. */
  async function leaveCancelledRuns() {
    // One that is taken back at once has cost nobody his place.
    for (const run of await cancelledRuns.due(clock.now())) {
      const isConcerned = ({ choices }: WaitlistRecord) =>
        choices.some((choice) => choice.runId === run.runId && isOff(run, choice));
      for (const { entryId } of (await store.ofRun(run.runId)).filter(isConcerned))
        await changes.make(entryId, (entry) => ({ change: decideRunCancelled(entry, run, clock.now()) }));
      cancelledRuns.lookedAt(run.runId, clock.now());
    }
  }

  /** Which zone's day it is does not matter so long after. */
  const forget = () =>
    store.forgetRuns(addDays(dateOfDayNumber(Math.floor(clock.now() / dayMs)), -keptDays), runsAtOnce);

  const count = createCount({ clock, store });

  const job = (name: string, everyMs: number, pass: () => Promise<unknown>): Work => ({
    kind: "job",
    name,
    electedAs: "waitlist",
    everyMs,
    pass,
    failed: `the waitlist could not be looked after (${name}); trying again`,
  });
  const work: readonly Work[] = [
    job("waitlist entries whose time has come", secondMs, time),
    job("entries for cancelled runs", 2 * secondMs, leaveCancelledRuns),
    job("lines of runs with quotas", minuteMs, serveLines),
    job("trains that were added", timetableFreshMs, async () => void (await added.pass())),
    job("what became of those who waited", hourMs, count),
    job("stories of long ago", hourMs, async () => void (await forget())),
    job("entries of long ago", hourMs, createRetention({ clock, store, entriesKeptMs })),
  ];
  return { time, serveLines, leaveCancelledRuns, count, forget, work };
}

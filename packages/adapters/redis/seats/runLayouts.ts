/**
 * How the seats of a run lie, said to the functions that do not know it yet; and what becomes of commands where others are taken. A run may grow from how
 * it is known there, and from nothing else.
 */
import { OtherSeats, type Refusal, type Run, type RunId } from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";
import { type Layout, layoutOf } from "./layout.ts";

export type RunLayoutsDeps = {
  open(keys: readonly string[], args: readonly string[]): Promise<unknown>;
  keysOf(runId: RunId): string[];
  /** Never the same twice, by whomever: see run.lua. */
  nextStamp(): string;
  /** Told of runs that an operator has to look at. */
  readonly report: (message: string) => void;
};

export type RunLayouts = {
  /** Says how the run's seats lie. Throws where it has others. */
  open(run: Run): Promise<void>;
  /** Calls a function that has to know it; says it when it does not. */
  call<T = string[]>(run: Run, call: (keys: string[]) => Promise<unknown>): Promise<T>;
  /** The same for commands that may be refused: those of a run that has other seats than are known here are no reason to fail those of the rest. */
  callOrRefusal<T>(run: Run, call: (keys: string[]) => Promise<unknown>): Promise<Result<T, Refusal>>;
  /** What is said of commands for a run that has other seats; whatever else went wrong is thrown. */
  refusalFor(run: Run, error: unknown): Refusal;
};

/** A function that does not know a run's seats is told once, as a rule. */
const attemptsMax = 8;
/** Runs of which it was reported that their seats are others. */
const reportedMax = 1_000;

/** Seats are taken that lie otherwise than here, and not as in a composition that ours replaces: that does not pass by itself. */
class SeatsConflict extends Error {
  constructor({ runId, train }: Run) {
    super(
      `run ${runId} has seats taken that lie otherwise than composition ${train.composition.code} says, and is not sold: a composition ` +
        `that a sold run is given must replace the one before`,
    );
  }
}

export function createRunLayouts({ open: openIn, keysOf, nextStamp, report }: RunLayoutsDeps): RunLayouts {
  const reported = new Set<RunId>();

  async function open(run: Run): Promise<void> {
    const { digest, text, classes, seatCountsBefore, olderDigests } = layoutOfRun(run);
    const names = classes.join(",");
    const args = [digest, text, nextStamp(), names, seatCountsBefore.join(","), ...olderDigests];
    const answer = await openIn(keysOf(run.runId), args);
    if (answer === "CONFLICT") throw new SeatsConflict(run);
    if (answer === "OLDER") throw new OtherSeats(run.runId);
  }

  async function callWithLayout<T>(run: Run, call: (keys: string[]) => Promise<unknown>): Promise<T> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const answer = await call(keysOf(run.runId));
      if (answer !== "PLAN") return answer as T;
      await open(run);
    }
    // Another process says otherwise each time.
    throw new OtherSeats(run.runId);
  }

  function refusalFor(run: Run, error: unknown): Refusal {
    if (error instanceof SeatsConflict) reportOnce(run.runId, error.message);
    else if (!(error instanceof OtherSeats)) throw error;
    return new OtherSeats(run.runId).refusal;
  }

  function reportOnce(runId: RunId, message: string) {
    if (reported.has(runId)) return;
    if (reported.size >= reportedMax) reported.clear();
    reported.add(runId);
    report(message);
  }

  return {
    open,
    call: callWithLayout,
    async callOrRefusal<T>(run: Run, call: (keys: string[]) => Promise<unknown>) {
      try {
        return ok(await callWithLayout<T>(run, call));
      } catch (error) {
        return refuse(refusalFor(run, error));
      }
    },
    refusalFor,
  };
}

export const layoutOfRun = ({ train }: Run): Layout => layoutOf(train.composition, train.stops.length - 1);

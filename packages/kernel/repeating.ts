/**
 * Work that repeats: one pass after another, never two at a time. A pass that fails is told and tried again; the caller that stops it waits
 * for the pass under way. Everything in the platform that is done every so often is done by this.
 */
import type { EpochMs } from "./time.ts";

/** As much of a clock as repeating work needs. */
export type Timer = {
  now(): EpochMs;
  /** Calls once, at or soon after the delay. The returned function takes it back. */
  after(delayMs: number, call: () => void): () => void;
};

export type RepeatingOptions = {
  readonly clock: Timer;
  /** For the report of a failure. */
  readonly name: string;
  /** From the end of a pass to the beginning of the next; asked anew each time where it changes. */
  readonly everyMs: number | (() => number);
  /** Until the first pass; `everyMs` where it is left out, at once where it is 0. */
  readonly firstMs?: number;
  /** After a failure nothing is begun for so long, even when it is kicked; 0 where it is left out. */
  readonly restMs?: number;
  /** Answers true where more is waiting: then the next pass follows at once. */
  readonly pass: () => Promise<unknown>;
  /** Told what a pass threw. */
  readonly report: (name: string, error: unknown) => void;
};

export type Repeating = {
  /** There may be something to do right now: a pass begins at once, or as soon as the one under way has ended. */
  kick(): void;
  /** Resolves when no pass is under way, nor any that was asked for. */
  idle(): Promise<void>;
  /** Begins nothing more, and resolves when the pass under way has ended. */
  stop(): Promise<void>;
};

export function repeating({ clock, name, everyMs, firstMs, restMs = 0, pass, report }: RepeatingOptions): Repeating {
  let isStopped = false;
  let isBusy = false;
  let isKicked = false;
  let restUntil = 0;
  let underWay: Promise<void> = Promise.resolve();
  let cancel: () => void = () => {};

  const pauseMs = () => (typeof everyMs === "number" ? everyMs : everyMs());

  const isResting = () => clock.now() < restUntil;

  /** True where the next pass should follow at once. */
  async function onePass(): Promise<boolean> {
    isKicked = false;
    try {
      const isMore = (await pass()) === true;
      return isMore || isKicked;
    } catch (error) {
      restUntil = clock.now() + restMs;
      report(name, error);
      return isKicked && !isResting();
    }
  }

  async function passes() {
    while ((await onePass()) && !isStopped);
    isBusy = false;
    if (!isStopped) cancel = clock.after(isResting() ? restMs : pauseMs(), begin);
  }

  function begin() {
    if (isStopped || isBusy) return;
    cancel();
    isBusy = true;
    underWay = passes();
  }

  if (firstMs === 0) begin();
  else cancel = clock.after(firstMs ?? pauseMs(), begin);

  return {
    kick() {
      isKicked = true;
      if (!isResting()) begin();
    },
    idle: () => underWay,
    async stop() {
      isStopped = true;
      cancel();
      await underWay;
    },
  };
}

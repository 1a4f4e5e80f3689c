/** What a room does by itself: jobs, which are passes that repeat, and followers, which go on for as long as they are let. */
import { repeating } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";

/** Ends what was begun, and resolves when it has ended. */
export type End = () => unknown;

/** What time alone brings about, in the order and inventory rooms, is done by one process. */
export const sweepingElection = "sweeping";

type Elected = {
  readonly name: string;
  /**
   * Of all processes that could, one does it: the one that is elected by this name. What has one name begins and ends together.
   * Each process does its own where it is left out. Two that overlap for a moment must do no harm (I7).
   */
  readonly electedAs?: string;
};

export type Job = Elected & {
  readonly kind: "job";
  /** From the end of a pass to the beginning of the next. */
  readonly everyMs: number;
  /** Until the first pass: `everyMs` where it is left out. */
  readonly firstMs?: number;
  /** After a failure nothing is begun for so long, even when it is asked for. */
  readonly restMs?: number;
  /** Answers true where more is waiting: then the next pass follows at once. What it throws is told, and it is tried again. */
  readonly pass: () => Promise<unknown>;
  /** What the report of a failed pass says; null where a failure is no news. */
  readonly failed: string | null;
  /** Hands over how to ask for a pass right now, for as long as the job is done here. */
  readonly connect?: (kick: () => void) => () => void;
};

export type Follower = Elected & {
  readonly kind: "follower";
  readonly begin: () => End;
};

export type Work = Job | Follower;

export type WorkDeps = {
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
};

/** Begins one piece of work; the returned function ends it, after the pass under way. */
export function beginWork(work: Work, { clock, report }: WorkDeps): End {
  if (work.kind === "follower") return work.begin();
  const { name, everyMs, firstMs, restMs, pass, failed, connect } = work;
  const repeated = repeating({
    clock,
    name,
    everyMs,
    ...(firstMs === undefined ? {} : { firstMs }),
    ...(restMs === undefined ? {} : { restMs }),
    pass,
    report: (_, error) => failed !== null && report(failed, error),
  });
  const disconnect = connect?.(repeated.kick);
  return async () => {
    disconnect?.();
    await repeated.stop();
  };
}

/** Begins all of them here, without an election; the returned function ends all. */
export function beginAll(works: readonly Work[], deps: WorkDeps): () => Promise<void> {
  const ends = works.map((work) => beginWork(work, deps));
  return async () => void (await Promise.all(ends.map((end) => end())));
}

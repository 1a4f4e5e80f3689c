/** What a steady row of purchases says of a fault: how long people were not served, and how long nothing became a row. */

/** One purchase; instants in milliseconds of one clock. */
export type Attempt = {
  readonly sentAt: number;
  /** Null: nobody has answered (yet). */
  readonly answeredAt: number | null;
  readonly status: number | null;
  /** When its order was seen in SQL; null where it is not (yet), or there is no order. */
  readonly writtenAt: number | null;
};

export type Recovery = {
  /** From the strike until purchases were answered in time again, for good; 0 where they always were. */
  readonly answeredAfterMs: number;
  /** The same of orders becoming rows. */
  readonly writtenAfterMs: number;
  readonly slowestAnswerMs: number;
  /** How many were answered with what; "none" is no answer at all. */
  readonly answers: ReadonlyMap<number | "none", number>;
};

/** Ten times what an answer or a row takes when nothing is wrong. */
const promptLeastMs = 2_000;
/** So many in a row that are in time end an outage. */
const inARow = 8;

/** What is "in time" on this machine, by what it took before the strike: one that is busy with other things is slower. */
export function promptOf(before: readonly Attempt[]): number {
  const took = before.flatMap(({ sentAt, answeredAt, writtenAt }) => [
    (answeredAt ?? sentAt) - sentAt,
    (writtenAt ?? 0) - (answeredAt ?? 0),
  ]);
  return Math.max(promptLeastMs, 3 * Math.max(0, ...took));
}

/** Refusals are answers: the platform has decided. */
const isAnswered = ({ sentAt, answeredAt, status }: Attempt, promptMs: number) =>
  answeredAt !== null && status !== null && status < 500 && answeredAt - sentAt <= promptMs;
const isWritten = (attempt: Attempt, promptMs: number) =>
  isAnswered(attempt, promptMs) && attempt.writtenAt !== null && attempt.writtenAt - attempt.answeredAt! <= promptMs;
/** Nothing of it will ever be a row. */
const isRefused = ({ status }: Attempt) => status !== null && status >= 400 && status < 500;

/** It is a row, or will never be one. */
export const isSettled = ({ status, writtenAt }: Attempt): boolean =>
  writtenAt !== null || (status !== null && status >= 400);

/**
 * Whether the last purchases were all served in time. Those that still have time say nothing yet, and refusals nothing at all: while no
 * order becomes a row, limits fill up with orders that wait.
 */
export function isOver(attempts: readonly Attempt[], now: number, promptMs: number): boolean {
  const isGood = (each: Attempt) => isWritten(each, promptMs);
  const hasTime = (each: Attempt) =>
    each.answeredAt === null
      ? now - each.sentAt <= promptMs
      : isAnswered(each, promptMs) && now - each.answeredAt <= promptMs;
  const decided = attempts.filter((each) => !isRefused(each) && (isGood(each) || !hasTime(each)));
  const last = decided.slice(-inARow);
  return last.length === inARow && last.every(isGood);
}

/** @param attempts in the order in which they were sent */
export function recoveryOf(attempts: readonly Attempt[], struckAt: number, promptMs: number): Recovery {
  const since = attempts.filter(({ sentAt, answeredAt }) => sentAt >= struckAt || (answeredAt ?? Infinity) > struckAt);
  const orders = since.filter((each) => !isRefused(each));
  return {
    answeredAfterMs:
      endOfOutage(
        since,
        (each) => isAnswered(each, promptMs),
        ({ answeredAt }) => answeredAt!,
      ) - struckAt,
    writtenAfterMs:
      endOfOutage(
        orders,
        (each) => isWritten(each, promptMs),
        ({ writtenAt }) => writtenAt!,
      ) - struckAt,
    slowestAnswerMs: Math.max(0, ...since.map(({ sentAt, answeredAt }) => (answeredAt ?? sentAt) - sentAt)),
    answers: new Map(
      [...Map.groupBy(since, ({ status }) => status ?? "none")].map(([status, some]) => [status, some.length]),
    ),
  };

  /** When the first of those was through after which nothing was wrong any more; the strike itself where nothing ever was. */
  function endOfOutage(some: readonly Attempt[], isGood: (each: Attempt) => boolean, end: (each: Attempt) => number) {
    const lastBad = some.findLastIndex((each) => !isGood(each));
    if (lastBad < 0) return struckAt;
    const first = some[lastBad + 1];
    return first === undefined ? Infinity : end(first);
  }
}

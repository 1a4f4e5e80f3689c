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

/** What takes longer than this is not "in time": ten times what it takes when nothing is wrong and the machine is busy. */
export const promptMs = 2_000;
/** So many in a row that are in time end an outage. */
const inARow = 8;

/** Refusals are answers: somebody has decided. */
const isAnswered = ({ sentAt, answeredAt, status }: Attempt) =>
  answeredAt !== null && status !== null && status < 500 && answeredAt - sentAt <= promptMs;
const isWritten = (attempt: Attempt) =>
  isAnswered(attempt) && attempt.writtenAt !== null && attempt.writtenAt - attempt.answeredAt! <= promptMs;
/** Nothing of it will ever be a row. */
const isRefused = ({ status }: Attempt) => status !== null && status >= 400 && status < 500;

/** Whether the last purchases were all served in time; those that still have time say nothing yet. */
export function isOver(attempts: readonly Attempt[], now: number): boolean {
  const isGood = (each: Attempt) => isWritten(each) || isRefused(each);
  const hasTime = (each: Attempt) =>
    each.answeredAt === null ? now - each.sentAt <= promptMs : isAnswered(each) && now - each.answeredAt <= promptMs;
  const last = attempts.filter((each) => isGood(each) || !hasTime(each)).slice(-inARow);
  return last.length === inARow && last.every(isGood);
}

/** @param attempts in the order in which they were sent */
export function recoveryOf(attempts: readonly Attempt[], struckAt: number): Recovery {
  const since = attempts.filter(({ sentAt, answeredAt }) => sentAt >= struckAt || (answeredAt ?? Infinity) > struckAt);
  const orders = since.filter((each) => !isRefused(each));
  return {
    answeredAfterMs: endOfOutage(since, isAnswered, ({ answeredAt }) => answeredAt!) - struckAt,
    writtenAfterMs: endOfOutage(orders, isWritten, ({ writtenAt }) => writtenAt!) - struckAt,
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

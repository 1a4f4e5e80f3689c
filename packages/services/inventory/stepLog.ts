/**
 * Tells the log which seats came back while somebody waited for them, and whom they were given to. What is told here only makes it quick: a
 * grant that nobody hears of comes out of the seat store when its deadline is over, and a story lacks a line.
 */
import type { LogRecord, WaitlistStep } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { Log } from "@chepiao/ports/log";

export type StepLogDeps = {
  readonly log: Pick<Log, "append">;
  readonly clock: Pick<Clock, "soon">;
  readonly report: (message: string, error: unknown) => void;
};

/** More than this waits for a log that is away for long, and is not worth its memory. */
const waitingMax = 10_000;

export function createStepLog({ log, clock, report }: StepLogDeps) {
  let gathered: LogRecord[] = [];
  let telling: Promise<void> | null = null;

  async function tellAll() {
    while (gathered.length > 0) {
      const records = gathered;
      gathered = [];
      try {
        await log.append(records);
      } catch (error) {
        report("the waitlist could not be told of seats that came back; it finds its own after their deadline", error);
      }
    }
    telling = null;
  }

  /** What one breath brings is told together. */
  function begin(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.soon(() => void tellAll().then(resolve));
    return promise;
  }

  return {
    tell(step: WaitlistStep) {
      if (gathered.length >= waitingMax) return;
      gathered.push({ topic: "inventory-replenish-topic", key: step.runId, value: step });
      telling ??= begin();
    },
    /** Resolves when all that was told is in the log, or has failed. */
    told: () => telling ?? Promise.resolve(),
  };
}

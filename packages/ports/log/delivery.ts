/**
 * How any log of ours hands a batch to a consumer. Three ways to fail, three answers:
 *
 * - The world fails (a database is away, an order is not written yet): the same batch comes again, ever more slowly, without end.
 *   Nothing is ever put aside for that. It is what every error means that does not show itself to be one of the others.
 * - A record is poison: the handler says so by throwing `PoisonRecord`. Its batch is handed over one by one and that record is put
 *   aside.
 * - The handler is defective for a record (a `TypeError`, a broken belief): after `defectAttemptsMax` attempts its batch is handed
 *   over one by one, and a record that fails as often again is put aside.
 */
import { backoffMs, BrokenBelief, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { PoisonRecord } from "./log.ts";

export const defectAttemptsMax = 5;
/** A log that waits for its database should notice soon that it is back. */
const pauseMsMax = 2 * secondMs;

export type Delivery<Item> = {
  /** True once each record was handled or put aside; false when stopped before that. */
  deliver(batch: readonly Item[]): Promise<boolean>;
  /** Waits, unless stopped. */
  rest(ms: number): Promise<void>;
  /** No further attempt; one that is under way ends by itself. */
  stop(): void;
};

export type DeliveryDeps<Item> = {
  readonly clock: Clock;
  handle(items: readonly Item[]): Promise<void>;
  /** An attempt failed, and there will be another. */
  failed(error: unknown, attempt: number): void;
  /** Puts the record aside; may be called again for the same one. */
  park(item: Item, cause: unknown): Promise<void>;
};

export function createDelivery<Item>({ clock, handle, failed, park }: DeliveryDeps<Item>): Delivery<Item> {
  let stopped = false;
  let endPause = () => {};

  async function deliver(batch: readonly Item[]): Promise<boolean> {
    let blame: { readonly cause: unknown; readonly attempts: number } = { cause: null, attempts: 0 };
    for (let attempt = 0; !stopped; attempt++) {
      try {
        if (blame.attempts < defectAttemptsMax) await handle(batch);
        else if (batch.length > 1) return await oneByOne(batch);
        else await park(batch[0]!, blame.cause);
        return true;
      } catch (error) {
        if (isPoison(error) && blame.attempts < defectAttemptsMax) {
          blame = { cause: error, attempts: defectAttemptsMax };
          continue;
        }
        if (isDefect(error)) blame = { cause: error, attempts: blame.attempts + 1 };
        failed(error, attempt);
      }
      await rest(Math.min(pauseMsMax, backoffMs(attempt) / 10));
    }
    return false;
  }

  async function oneByOne(batch: readonly Item[]): Promise<boolean> {
    for (const item of batch) if (!(await deliver([item]))) return false;
    return true;
  }

  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      if (stopped) return resolve();
      const cancel = clock.after(ms, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });

  return {
    deliver,
    rest,
    stop() {
      stopped = true;
      endPause();
    },
  };
}

/** Also where another error was wrapped around it. */
function isPoison(error: unknown): boolean {
  for (let inner = error; inner instanceof Error; inner = inner.cause) if (inner instanceof PoisonRecord) return true;
  return false;
}

/** What a programming mistake throws. One with a code comes from a system call: a refused connection is a `TypeError`, too. */
const isDefect = (error: unknown): boolean =>
  defects.some((Defect) => error instanceof Defect) && !("code" in (error as Error));
const defects = [TypeError, RangeError, ReferenceError, SyntaxError, BrokenBelief] as const;

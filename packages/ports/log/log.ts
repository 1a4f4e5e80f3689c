/**
 * The durable log: the one place where a purchase becomes a fact. Everything else about it is read from here and can be made
 * again. Records of one key (a run) keep their order.
 */
import type { LogRecord, Topic } from "@chepiao/contracts";

export type Log = AsyncDisposable & {
  /**
   * Resolves once every record is on stable storage: whatever is killed afterwards, they are read again. Records of one call
   * stay together and in order. Throws `LogUnavailable` when that cannot be promised; they may then be there or not.
   */
  append(records: readonly LogRecord[]): Promise<void>;
  /**
   * Hands the group every record of its topics that it has not finished, oldest first, in batches, one batch at a time, now and
   * as they come. A batch counts as finished when `handle` resolves; when it throws, the same batch comes again after a pause.
   * After a restart a batch may come once more (I7).
   */
  consume(consumer: Consumer): Consumption;
};

export type Consumer = {
  readonly group: string;
  readonly topics: readonly Topic[];
  readonly batchMax: number;
  handle(records: readonly LogRecord[]): Promise<void>;
};

export type Consumption = AsyncDisposable & {
  /** Resolves when everything appended before this call is finished; throws `LogUnavailable` when stopped before that. */
  caughtUp(): Promise<void>;
  /** Records appended but not finished. */
  lag(): number;
};

/** The log cannot promise durability now: the caller takes its work back and says so. */
export class LogUnavailable extends Error {
  override readonly name = "LogUnavailable";
}

/**
 * The durable log: the one place where a purchase becomes a fact. Everything else about it is read from here and can be made
 * again. Records of one key (a run) keep their order.
 */
import { type LogRecord, ServiceUnavailable, type Topic } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export type Log = AsyncDisposable & {
  /**
   * Resolves once every record is on stable storage: whatever is killed afterwards, they are read again. Records of one key keep
   * the order in which they were appended, and those of one call lie together. Throws `LogUnavailable` when that cannot be
   * promised; they may then be there or not.
   */
  append(records: readonly LogRecord[]): Promise<void>;
  /**
   * Hands the group every record of its topics that it has not finished, each key's oldest first, in batches, one batch at a
   * time, now and as they come. A batch counts as finished when `handle` resolves; when it throws, the same batch comes again
   * after a pause, without end while the world is failing. A record that no pause can help is put aside as a dead letter
   * (`delivery.ts` says which) and the rest goes on. Members of a group in several processes share its keys, and no key is in two
   * hands at once. After a restart a batch may come once more (I7).
   */
  consume(consumer: Consumer): Consumption;
  readonly deadLetters: DeadLetters;
};

export type Consumer = {
  readonly group: string;
  readonly topics: readonly Topic[];
  readonly batchMax: number;
  /** A batch that follows on another waits this long for more to come with it; one that comes alone never waits. */
  readonly gatherMs?: number;
  handle(records: readonly LogRecord[]): Promise<void>;
};

export type Consumption = AsyncDisposable & {
  /**
   * Resolves when the group has finished everything that was appended before this call; throws `LogUnavailable` when stopped
   * before that.
   */
  caughtUp(): Promise<void>;
  /** Records appended but not finished, of those that are this member's to handle. */
  lag(): number;
};

/** A record that a group could not take, put aside so that those behind it are not held up. */
export type DeadLetter = {
  /** Group and place in the log: the same record put aside twice is one dead letter. */
  readonly id: string;
  readonly group: string;
  readonly topic: string;
  readonly key: string;
  /** As it stands in the log: JSON, unless that is what is wrong with it. May name people: not for the screen unless asked for. */
  readonly text: string;
  /** Where it lay in the log. */
  readonly origin: string;
  readonly cause: string;
  readonly buriedAt: EpochMs;
};

export type DeadLetters = {
  /** Those that have not been replayed, oldest first. */
  list(): Promise<readonly DeadLetter[]>;
  /**
   * Appends the records to their topics again, where every group sees them once more (I7), and takes them off the list. Answers
   * those that were waiting there. Throws `PoisonRecord`, and does nothing, when a text cannot be a record at all.
   */
  replay(ids: readonly string[]): Promise<readonly string[]>;
  /** Put aside since the start. */
  readonly parked: number;
};

export type LogUnavailableOptions = ErrorOptions & { readonly mayArrive?: boolean };

/** The log cannot promise durability now. */
export class LogUnavailable extends ServiceUnavailable {
  /**
   * What was to be appended may be in the log all the same, or arrive there later. Where that is ruled out, the caller takes its work
   * back and says so; where it is not, the same records may be appended again until it is known (I7).
   */
  readonly mayArrive: boolean;

  constructor(why: string, { mayArrive = true, ...options }: LogUnavailableOptions = {}) {
    super("the log", why, 1, options);
    this.mayArrive = mayArrive;
  }
}

/** No later attempt can help with this record. Thrown by a handler or found when reading it. */
export class PoisonRecord extends Error {
  override readonly name = "PoisonRecord";
}

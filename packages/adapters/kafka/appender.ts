/**
 * Group commit: appends gather while one produce request is on its way, and the next request takes all of them. Only one is on
 * its way at a time, so records of a key cannot overtake each other, and the busier it is, the more appends share one journey.
 */
import { secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import { LogUnavailable } from "@chepiao/ports/log";

export type Message = {
  readonly topic: string;
  readonly key: Buffer;
  /** None: the earlier message of that key is to be forgotten (compacted topics). */
  readonly value?: Buffer;
};

export type Appender = AsyncDisposable & {
  /** Resolves once all have been acknowledged by enough replicas; throws `LogUnavailable` otherwise. */
  append(messages: readonly Message[]): Promise<void>;
  /** Requests sent, and messages acknowledged. */
  readonly counters: { syncs: number; appended: number };
};

/** A broker takes 1 MiB for each partition; all of a request may be for one. */
const requestBytesMax = 900 * 1024;
/** What Kafka adds to each message, generously. */
const overheadBytes = 64;
const overdueCheckMs = secondMs / 2;
const againMs = 100;

type Waiting = {
  readonly messages: readonly Message[];
  readonly bytes: number;
  readonly until: number;
  /** Some of it was on its way once. */
  wasSent: boolean;
  resolve(): void;
  reject(error: unknown): void;
};

type AppenderDeps = {
  /** Nothing is sent before. */
  readonly prepared: Promise<void>;
  readonly send: (messages: readonly Message[]) => Promise<void>;
  readonly clock: Clock;
  readonly timeoutMs: number;
};

export function createAppender({ prepared, send, clock, timeoutMs }: AppenderDeps): Appender {
  const counters = { syncs: 0, appended: 0 };
  let gathering: Waiting[] = [];
  let onTheWay: Waiting[] = [];
  let trouble: { readonly cause: unknown } | null = null;
  let working: Promise<void> | null = null;
  let closed = false;

  async function work() {
    let stopWatching = clock.after(overdueCheckMs, watch);
    function watch() {
      rejectOverdue();
      stopWatching = clock.after(overdueCheckMs, watch);
    }
    await prepared;
    while (gathering.length > 0) {
      onTheWay = take();
      for (const waiting of onTheWay) waiting.wasSent = true;
      try {
        for (const slice of slices(onTheWay.flatMap(({ messages }) => messages))) {
          counters.syncs++;
          await send(slice);
          counters.appended += slice.length;
        }
        trouble = null;
        for (const waiting of onTheWay) waiting.resolve();
      } catch (error) {
        // A leader is being chosen, say. The append that still has time goes first once more; what comes twice is harmless (I7).
        trouble = { cause: error };
        gathering = onTheWay.concat(gathering);
        await sleep(clock, againMs);
        rejectOverdue();
      }
      onTheWay = [];
    }
    stopWatching();
    working = null;
  }

  /** All that has gathered, as far as it fits one request. */
  function take(): Waiting[] {
    let bytes = 0;
    const fitting = gathering.findIndex((waiting, index) => (bytes += waiting.bytes) > requestBytesMax && index > 0);
    return gathering.splice(0, fitting === -1 ? gathering.length : fitting);
  }

  /**
   * A caller that waited too long is told so, while the request goes on: what is on its way may still arrive, what was not sent yet
   * will not be.
   */
  function rejectOverdue() {
    const now = clock.now();
    const why = trouble ? `: ${String(trouble.cause)}` : "";
    const overdue = ({ wasSent: mayArrive }: Waiting) =>
      new LogUnavailable(`Kafka did not acknowledge within ${timeoutMs} ms${why}`, { ...trouble, mayArrive });
    for (const waiting of onTheWay) if (waiting.until <= now) waiting.reject(overdue(waiting));
    gathering = gathering.filter((waiting) => {
      if (waiting.until > now) return true;
      waiting.reject(overdue(waiting));
      return false;
    });
  }

  return {
    counters,
    append(messages) {
      if (messages.length === 0) return Promise.resolve();
      if (closed) return Promise.reject(new LogUnavailable("the log is closed", { mayArrive: false }));
      let bytes = 0;
      for (const message of messages) {
        const size = sizeOf(message);
        if (size > requestBytesMax) {
          return Promise.reject(new RangeError(`a log record of ${size} bytes is larger than any should be`));
        }
        bytes += size;
      }
      return new Promise((resolve, reject) => {
        gathering.push({ messages, bytes, until: clock.now() + timeoutMs, wasSent: false, resolve, reject });
        working ??= work();
      });
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await working;
    },
  };
}

const sizeOf = ({ key, value }: Message) => key.length + (value?.length ?? 0) + overheadBytes;

/** One call may be larger than a request; its messages then travel one request after the other. */
function* slices(messages: readonly Message[]): Generator<readonly Message[]> {
  let first = 0;
  let bytes = 0;
  for (const [index, message] of messages.entries()) {
    const size = sizeOf(message);
    if (bytes + size > requestBytesMax) {
      yield messages.slice(first, index);
      first = index;
      bytes = 0;
    }
    bytes += size;
  }
  yield messages.slice(first);
}

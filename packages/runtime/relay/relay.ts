/**
 * Carries messages from the outbox to the log: at once when told that there are some, and by itself now and then in case nobody
 * told it. A message that cannot be sent is tried again without end; sending it twice is harmless (I7).
 */
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Log } from "@chepiao/ports/log";
import type { Outbox } from "@chepiao/ports/outbox";

export type RelayDeps = {
  readonly outbox: Outbox;
  readonly log: Pick<Log, "append">;
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
  /** How often it looks by itself: in a process of its own nobody tells it when to. */
  readonly everyMs?: number;
};

export type Relay = AsyncDisposable & {
  /** There may be something to send. */
  kick(): void;
  /** Resolves when everything that was waiting at the time of the call has been tried. */
  drain(): Promise<void>;
};

const batchMax = 500;

export function createRelay({ outbox, log, clock, report, everyMs = secondMs }: RelayDeps): Relay {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  let again = false;
  let stopped = false;
  let cancelTick = clock.after(everyMs, tick);

  function tick() {
    kick();
    cancelTick = clock.after(everyMs, tick);
  }

  function kick() {
    again = true;
    if (!busy && !stopped) running = run();
  }

  async function run() {
    busy = true;
    while (again && !stopped) {
      again = false;
      try {
        while (await sendBatch());
      } catch (error) {
        report("the outbox could not be read or marked; trying again", error);
      }
    }
    busy = false;
  }

  /** True when there may be more. */
  async function sendBatch(): Promise<boolean> {
    const messages = await outbox.pending(clock.now(), batchMax);
    if (messages.length === 0) return false;
    const ids = messages.map((message) => message.messageId);
    try {
      await log.append(messages.map((message) => message.record));
    } catch (error) {
      report(`${messages.length} messages could not be sent; they will be tried again`, error);
      await outbox.failed(ids, clock.now());
      return false;
    }
    await outbox.sent(ids);
    return messages.length === batchMax;
  }

  return {
    kick,
    async drain() {
      kick();
      await running;
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      cancelTick();
      await running;
    },
  };
}

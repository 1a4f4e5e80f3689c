/**
 * Carries messages from the outbox to the log: at once when told that there are some, and by itself now and then in case nobody
 * told it. While the log is away all of them wait, and go as soon as it is back. A message that cannot be sent although it is there
 * is tried again without end, ever more rarely. Sending one twice is harmless (I7).
 */
import { repeating, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type Log, LogUnavailable } from "@chepiao/ports/log";
import type { Outbox, WaitingMessage } from "@chepiao/ports/outbox";

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
/** While log or database are away. Not longer: everything that was paid meanwhile waits for it. */
const restMs = 2 * secondMs;

export function createRelay({ outbox, log, clock, report, everyMs = secondMs }: RelayDeps): Relay {
  const carrying = repeating({
    clock,
    name: "relay",
    everyMs,
    restMs,
    pass: sendBatch,
    report: (_, error) => report("messages of the outbox could not be carried; trying again", error),
  });

  /** True when there may be more. */
  async function sendBatch(): Promise<boolean> {
    const messages = await outbox.pending(clock.now(), batchMax);
    if (messages.length === 0) return false;
    if (!(await sendTogether(messages))) await sendOneByOne(messages);
    return messages.length === batchMax;
  }

  /** False where something is wrong with one of them. Throws while the log is away, which is no message's fault. */
  async function sendTogether(messages: readonly WaitingMessage[]): Promise<boolean> {
    try {
      await log.append(messages.map(({ record }) => record));
    } catch (error) {
      if (error instanceof LogUnavailable) throw error;
      report(`${messages.length} messages could not be sent together; each is tried alone`, error);
      return false;
    }
    await outbox.sent(messages.map(({ messageId }) => messageId));
    return true;
  }

  /** So that one which can never be sent keeps no other from it. */
  async function sendOneByOne(messages: readonly WaitingMessage[]) {
    for (const message of messages) {
      if (!(await sendTogether([message]))) await outbox.failed([message.messageId], clock.now());
    }
  }

  return {
    kick: carrying.kick,
    async drain() {
      carrying.kick();
      await carrying.idle();
    },
    [Symbol.asyncDispose]: carrying.stop,
  };
}

/** Takes what is due, one batch at a time, and acknowledges it once it is done. */
import { type OrderId, secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";

export type Listener = {
  /** Goes on with this connection. What came over an earlier one and was not done comes again. */
  listenOn(model: ChannelModel): Promise<void>;
  /** Resolves when the handler is through; what it did not get goes to others. */
  stop(): Promise<void>;
};

type ListenerDeps = {
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
  readonly done: (orderCount: number) => void;
};

/** Messages of up to one written batch each; more are not taken from the broker at a time. */
const prefetchCount = 4;
const pauseMs = secondMs;

export function createListener(
  queue: string,
  handle: (orderIds: readonly OrderId[]) => Promise<void>,
  { clock, report, done }: ListenerDeps,
): Listener {
  let channel: Channel | null = null;
  let beginning = Promise.resolve();
  let working: Promise<void> | null = null;
  let stopped = false;

  async function begin(model: ChannelModel) {
    try {
      const opened = await model.createChannel();
      opened.on("error", (error) => report(`${queue} cannot be listened to`, error));
      // As with the channel that sends: all begins anew.
      opened.on("close", () => !stopped && void model.close().catch(() => {}));
      channel = opened;
      await opened.prefetch(prefetchCount);
      let waiting: ConsumeMessage[] = [];
      await opened.consume(queue, (message) => {
        if (!message) return;
        waiting.push(message);
        working = (working ?? Promise.resolve()).then(work);
      });

      async function work() {
        while (waiting.length > 0 && !stopped && channel === opened) {
          const messages = waiting;
          waiting = [];
          if (!(await handled(messages.flatMap(ordersIn)))) {
            waiting = messages.concat(waiting);
            continue;
          }
          acknowledge(opened, messages.at(-1)!);
        }
      }
    } catch (error) {
      report(`${queue} cannot be listened to`, error);
      await model.close().catch(() => {});
    }
  }

  async function handled(orderIds: readonly OrderId[]): Promise<boolean> {
    try {
      await handle(orderIds);
      done(orderIds.length);
      return true;
    } catch (error) {
      report(`what is due could not be done and will come again`, error);
      await sleep(clock, pauseMs);
      return false;
    }
  }

  /** With all before it. */
  function acknowledge(opened: Channel, last: ConsumeMessage) {
    try {
      opened.ack(last, true);
    } catch {
      // The connection is gone: they come once more over the next one.
    }
  }

  function ordersIn({ content }: ConsumeMessage): OrderId[] {
    try {
      return JSON.parse(content.toString()) as OrderId[];
    } catch (error) {
      report(`${queue} has something in it that is no list of orders; it is passed over`, error);
      return [];
    }
  }

  return {
    listenOn: (model) => (beginning = begin(model)),
    async stop() {
      stopped = true;
      // What has no consumer yet could not be told to stop.
      await beginning;
      await working;
      await channel?.close().catch(() => {});
    },
  };
}

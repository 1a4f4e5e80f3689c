/**
 * The delay on RabbitMQ: a queue in which every message lives equally long, and one where those whose time is over arrive. One
 * length of life for all keeps the queue in order of time, so the broker looks at its head alone. Both are durable classic queues:
 * a broker that dies keeps what it confirmed, and a node that stays away takes its hints with it, which the sweeper makes good
 * (docs/decisions/0013).
 *
 * Orders that are written together travel in one message, so a hint costs next to nothing.
 */
import { addressForms, type TlsIdentity, tlsTrouble } from "@chepiao/adapters/engine-address";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { rabbitConnection } from "./address.ts";
import { createListener, type Listener } from "./listener.ts";

export type RabbitDelaySettings = {
  /** `amqp://user:password@host:port/vhost`; `amqps://` over TLS */
  readonly url: string;
  /** Over TLS, where the address says nothing of it: who is trusted, and who we are. */
  readonly identity?: TlsIdentity;
  readonly delayMs: number;
  /** In front of the names of queues, so that installations can share a broker. */
  readonly prefix?: string;
};

export type RabbitDelay = Delay & {
  /** Throws, saying why, while RabbitMQ cannot be used. */
  ready(): Promise<void>;
};

export type RabbitDeps = {
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
};

/** Orders whose hints wait for the broker; those beyond are dropped and left to the sweeper. */
const waitingMax = 100_000;
const pauseMs = secondMs;
const closeWithinMs = 2 * secondMs;
const recovery = { initialDelay: 100, maxDelay: 5 * secondMs, waitForConnect: false } as const;

/** In the broker's hands once it confirms. Until then it is sent again whenever there is a new connection. */
type Hint = { readonly orderCount: number; readonly body: Buffer };

/** Returns at once, and connects by itself, now and whenever the connection was lost. */
export function openRabbitDelay(settings: RabbitDelaySettings, { clock, report }: RabbitDeps): RabbitDelay {
  const queues = queueNames(settings);
  const counters = { scheduled: 0, dropped: 0, due: 0 };
  const unconfirmed = new Set<Hint>();
  const listeners = new Set<Listener>();
  let waitingCount = 0;
  let channel: ConfirmChannel | null = null;
  let model: ChannelModel | null = null;
  let trouble: unknown = new Error("not connected yet");

  const { url, socketOptions, name, isPlain } = rabbitConnection(settings.url, settings.identity);
  const connection = connect(url, { ...socketOptions, timeout: 5 * secondMs, recovery });
  void follow();

  async function follow() {
    const recovering = await connection;
    recovering.on("connect", (connected) => void takeUp(connected));
    recovering.on("disconnect", (error) => putDown("RabbitMQ is gone; connecting again", error));
    recovering.on("connect-failed", (error) => putDown("RabbitMQ cannot be reached; trying again", error));
    recovering.on("error", (error) => report("the connection to RabbitMQ failed", error));
  }

  async function takeUp(connected: ChannelModel) {
    try {
      const opened = await connected.createConfirmChannel();
      // A channel that closes alone is of no use: all begins anew.
      opened.on("error", (error) => putDown("RabbitMQ closed the channel", error));
      opened.on("close", () => void connected.close().catch(() => {}));
      await declare(opened, queues, settings.delayMs);
      [model, channel, trouble] = [connected, opened, null];
      for (const hint of unconfirmed) publish(hint);
      for (const listener of listeners) await listener.listenOn(connected);
    } catch (error) {
      putDown("RabbitMQ cannot be used as it is", error);
      await connected.close().catch(() => {});
    }
  }

  function putDown(what: string, error: unknown) {
    [model, channel, trouble] = [null, null, error];
    report(what, error);
  }

  function publish(hint: Hint) {
    try {
      channel?.sendToQueue(queues.waiting, hint.body, { persistent: true }, (refused) => {
        if (refused) clock.after(pauseMs, () => unconfirmed.has(hint) && publish(hint));
        else if (unconfirmed.delete(hint)) waitingCount -= hint.orderCount;
      });
    } catch (error) {
      // The channel closed a moment ago. The next one takes it.
      report("a hint could not be sent yet", error);
    }
  }

  return {
    counters,
    schedule(orderIds) {
      const orderCount = orderIds.length;
      counters.scheduled += orderCount;
      if (waitingCount + orderCount > waitingMax) {
        counters.dropped += orderCount;
        return;
      }
      const hint = { orderCount, body: Buffer.from(JSON.stringify(orderIds)) };
      unconfirmed.add(hint);
      waitingCount += orderCount;
      publish(hint);
    },
    listen(handle) {
      const listener = createListener(queues.due, handle, { clock, report, done: (count) => (counters.due += count) });
      listeners.add(listener);
      if (model) void listener.listenOn(model);
      return {
        async [Symbol.asyncDispose]() {
          listeners.delete(listener);
          await listener.stop();
        },
      };
    },
    async ready() {
      if (channel) return;
      const insecure = tlsTrouble(trouble, isPlain ? addressForms.rabbitmq.tls : null);
      throw new Error(`${name} ${insecure ?? "cannot be used"}: ${String(trouble)}`, { cause: trouble });
    },
    async [Symbol.asyncDispose]() {
      for (const listener of listeners) await listener.stop();
      listeners.clear();
      const confirmed = channel?.waitForConfirms().catch(() => {});
      await Promise.race([confirmed, new Promise<void>((resolve) => clock.after(closeWithinMs, resolve))]);
      await (await connection).close();
    },
  };
}

type QueueNames = { readonly waiting: string; readonly due: string };

/** The length of life is in the name, because a queue cannot change its own. What is in an old one still arrives. */
const queueNames = ({ prefix = "", delayMs }: RabbitDelaySettings): QueueNames => ({
  waiting: `${prefix}order.delay.${delayMs}`,
  due: `${prefix}order.due`,
});

async function declare(channel: ConfirmChannel, { waiting, due }: QueueNames, delayMs: number) {
  await channel.assertQueue(due, { durable: true, arguments: { "x-queue-type": "classic" } });
  await channel.assertQueue(waiting, {
    durable: true,
    arguments: {
      "x-queue-type": "classic",
      "x-message-ttl": delayMs,
      // The nameless exchange leads to the queue of that name.
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": due,
    },
  });
}

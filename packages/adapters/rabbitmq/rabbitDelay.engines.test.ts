/** RabbitMQ keeps the rules of every delay, and those of one that outlives its process. */
import { afterAll, expect, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import { delaySuite, listenTo, orders } from "@chepiao/ports/delay/delay.suite.ts";
import { connect } from "amqplib";
import { rabbitConnection } from "./address.ts";
import { openRabbitDelay } from "./rabbitDelay.ts";

const url = process.env["RABBITMQ_URL"] ?? "";
if (url === "")
  throw new Error("RABBITMQ_URL is not set: `npm run engines -- up` starts RabbitMQ and says where it is");

const clock = createSystemClock();
const delayMs = 300;
const prefixes: string[] = [];
const freshPrefix = () => {
  const prefix = `test-${process.pid}-${Date.now()}-${prefixes.length}.`;
  prefixes.push(prefix);
  return prefix;
};
afterAll(async () => {
  const { url: at, socketOptions } = rabbitConnection(url);
  const connection = await connect(at, socketOptions);
  const channel = await connection.createChannel();
  for (const prefix of prefixes) {
    for (const queue of [`order.delay.${delayMs}`, "order.due"]) await channel.deleteQueue(prefix + queue);
  }
  await connection.close();
});

const open = async (prefix: string, through = url) => {
  const delay = openRabbitDelay({ url: through, delayMs, prefix }, { clock, report: () => {} });
  while (
    await delay.ready().then(
      () => false,
      () => true,
    )
  )
    await Bun.sleep(10);
  return delay;
};

delaySuite("RabbitMQ", async () => {
  const prefix = freshPrefix();
  return { delay: await open(prefix), delayMs, other: () => open(prefix) };
});

test("a hint outlives the process that gave it", async () => {
  const prefix = freshPrefix();
  const first = await open(prefix);
  first.schedule(orders(1, 2));
  await first[Symbol.asyncDispose]();
  await using second = await open(prefix);
  expect(await listenTo(second).until(2)).toEqual(orders(1, 2));
});

/** A wire to the broker that can be cut and healed. */
async function wire() {
  const broker = new URL(url);
  const ends = new Set<{ end(): void }>();
  let isCut = false;
  const listening = Bun.listen<{ far: Promise<Bun.Socket> }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(near) {
        if (isCut) {
          near.end();
          return;
        }
        const far = Bun.connect({
          hostname: broker.hostname,
          port: Number(broker.port),
          socket: { data: (_, bytes) => void near.write(bytes), close: () => void near.end() },
        });
        near.data = { far };
        ends.add(near);
      },
      data: async (near, bytes) => void (await near.data.far).write(bytes),
      close: async (near) => void (await near.data?.far)?.end(),
    },
  });
  const through = new URL(url);
  through.port = String(listening.port);
  return {
    url: through.href,
    cut() {
      isCut = true;
      for (const end of ends) end.end();
      ends.clear();
    },
    heal: () => (isCut = false),
    [Symbol.dispose]: () => listening.stop(true),
  };
}

test("while the broker is away nobody waits or fails; hints that fit are kept and come when it is back", async () => {
  using toBroker = await wire();
  await using delay = await open(freshPrefix(), toBroker.url);
  const { heard, until } = listenTo(delay);
  delay.schedule(orders(1));
  expect(await until(1)).toEqual(orders(1));
  toBroker.cut();
  await Bun.sleep(100);
  expect(delay.ready()).rejects.toThrow(/cannot be used|broke off/);
  for (let n = 2; n <= 20; n++) delay.schedule(orders(n));
  await Bun.sleep(delayMs * 2);
  expect(heard).toEqual(orders(1));
  toBroker.heal();
  // The first comes again where the cut was faster than what told the broker that it is done.
  while (new Set(heard).size < 20) await Bun.sleep(10);
  expect(heard.toSorted((a, b) => a - b)).toEqual(expect.arrayContaining(orders(...Array(21).keys()).slice(1)));
  expect(heard.length).toBeLessThanOrEqual(21);
  expect(delay.counters.dropped).toBe(0);
});

test("what was being done when the connection broke comes again", async () => {
  using toBroker = await wire();
  await using delay = await open(freshPrefix(), toBroker.url);
  const heard: number[] = [];
  delay.listen(async (orderIds) => {
    heard.push(...orderIds);
    if (heard.length > 1) return;
    toBroker.cut();
    await Bun.sleep(100);
    toBroker.heal();
  });
  delay.schedule(orders(7));
  while (heard.length < 2) await Bun.sleep(10);
  expect(heard).toEqual([7, 7]);
});

test("without a broker more hints than can wait are dropped and counted, and closing does not hang", async () => {
  const nowhere = openRabbitDelay({ url: "amqp://chepiao:secret@127.0.0.1:9", delayMs }, { clock, report: () => {} });
  const from = performance.now();
  for (let n = 0; n < 300; n++) nowhere.schedule(Array(500).fill(1) as never);
  expect(performance.now() - from).toBeLessThan(20_000);
  expect(nowhere.counters).toEqual({ scheduled: 150_000, dropped: 50_000, due: 0 });
  const error = await nowhere.ready().catch((reason: Error) => reason);
  expect(String(error)).toContain("127.0.0.1:9");
  expect(String(error)).not.toContain("secret");
  await nowhere[Symbol.asyncDispose]();
});

/**
 * What the log and the delay promise, held against brokers that are killed and brokers that fall silent. Every promise is
 * checked against what was answered: whatever was acknowledged is there, and work goes on by itself.
 */
import { afterEach, expect, test } from "bun:test";
import { openKafkaLog } from "@chepiao/adapters/kafka";
import { openRabbitDelay } from "@chepiao/adapters/rabbitmq";
import { createSystemClock } from "@chepiao/adapters/system";
import { type Log, LogUnavailable } from "@chepiao/ports/log";
import { listenTo, orders } from "@chepiao/ports/delay/delay.suite.ts";
import { numberOf, settledRecord } from "@chepiao/ports/log/log.suite.ts";
import { Admin } from "@platformatic/kafka";
import { connect } from "amqplib";
import { engine, environment, type Handle } from "./index.ts";

const clock = createSystemClock();
const topic = "payment-settled-topic";
const deps = { clock, report: () => {} };
const address = (name: string) => process.env[name] ?? environment()[name]!;

/** The brokers as the test found them, whatever happens: whoever was started by a test that takes too long ends with it. */
afterEach(async () => {
  for (const name of ["kafka", "rabbitmq"]) await engine(name).start();
});

type Fault = readonly [name: string, begin: (handle: Handle) => Promise<void>, end: (handle: Handle) => Promise<void>];
const faults: readonly Fault[] = [
  ["is killed", (handle) => handle.kill(), (handle) => handle.start()],
  ["falls silent", (handle) => handle.pause(), (handle) => handle.resume()],
];

async function suffer(name: string, [, begin, end]: Fault, silentMs: number) {
  const handle = engine(name);
  await begin(handle);
  await Bun.sleep(silentMs);
  await end(handle);
}

/** A wait that says what it waited for, well before the test's own limit would end it without a word. */
async function eventually(what: string, isSo: () => boolean | Promise<boolean>, seen = () => "") {
  const giveUpMs = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`not within a minute: ${what}. ${seen()}`);
    await Bun.sleep(20);
  }
}

for (const fault of faults) {
  test(`I2: Kafka ${fault[0]}: what was acknowledged is handled, in order, and members go on by themselves`, async () => {
    const brokers = address("KAFKA_BROKERS").split(",");
    const prefix = `outage-${process.pid}-${Date.now()}.`;
    const settings = { brokers, prefix, partitions: 4, replicas: 1, minInSyncReplicas: 1 };
    const first = openKafkaLog(settings, deps);
    const second = openKafkaLog(settings, deps);
    const handled = new Set<number>();
    const lastOfRun = new Map<string, number>();
    const faultsOfOrder: string[] = [];
    const consume = (log: Log) =>
      log.consume({
        group: "a",
        topics: [topic],
        batchMax: 500,
        async handle(records) {
          for (const record of records) {
            const n = numberOf(record);
            const last = lastOfRun.get(record.key) ?? -1;
            if (!handled.has(n) && n < last) faultsOfOrder.push(`${n} after ${last}`);
            lastOfRun.set(record.key, Math.max(n, last));
            handled.add(n);
          }
        },
      });
    const consumption = consume(first);
    consume(second);

    const acknowledged: number[] = [];
    const refusals: unknown[] = [];
    let isOver = false;
    let next = 0;
    // Each run has one buyer at a time, so that its order is the order of its answers.
    const buyers = Array.from({ length: 20 }, async (_, run) => {
      while (!isOver) {
        const n = next++;
        try {
          await first.append([settledRecord(n, topic, run)]);
          acknowledged.push(n);
        } catch (error) {
          refusals.push(error);
        }
        await Bun.sleep(5);
      }
    });
    await Bun.sleep(3_000);
    await suffer("kafka", fault, 7_000);
    const before = acknowledged.length;
    const backAt = clock.now();
    await eventually("an append is acknowledged again", () => acknowledged.length > before);
    const acknowledgedAgainMs = clock.now() - backAt;
    await Bun.sleep(2_000);
    isOver = true;
    await Promise.all(buyers);
    await consumption.caughtUp();

    expect(acknowledged.filter((n) => !handled.has(n))).toEqual([]);
    expect(faultsOfOrder).toEqual([]);
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.filter((error) => !(error instanceof LogUnavailable))).toEqual([]);
    expect(acknowledgedAgainMs).toBeLessThan(60_000);
    console.log(`acknowledged again ${acknowledgedAgainMs} ms after the broker was back`);
    await Promise.all([first, second].map((log) => log[Symbol.asyncDispose]()));
    const admin = new Admin({ clientId: "test", bootstrapBrokers: brokers });
    await admin.deleteTopics({ topics: (await admin.listTopics()).filter((name) => name.startsWith(prefix)) });
    await admin.close();
  }, 360_000);

  test(`RabbitMQ ${fault[0]}: what it had and what was said meanwhile comes when it is back`, async () => {
    // Longer than it takes until the fault begins: a hint that the broker moves from queue to queue just then is the sweeper's.
    const delayMs = 2_000;
    const settings = { url: address("RABBITMQ_URL"), delayMs, prefix: `outage-${process.pid}-${Date.now()}.` };
    const told: string[] = [];
    const report = (message: string, error?: unknown) => void told.push(`${message}: ${String(error)}`);
    await using delay = openRabbitDelay(settings, { clock, report });
    const isReady = () =>
      delay.ready().then(
        () => true,
        () => false,
      );
    await eventually("RabbitMQ can be used", isReady);
    // RabbitMQ writes that a queue exists down to its disk up to two seconds after it said so; killed before, it forgets the queue
    // with all that it confirmed in it.
    await Bun.sleep(3_000);
    const { heard } = listenTo(delay);
    delay.schedule(orders(1, 2));
    await Bun.sleep(100);
    const suffering = suffer("rabbitmq", fault, 3_000);
    await Bun.sleep(500);
    delay.schedule(orders(3));
    await suffering;
    // Any of them may come twice.
    await eventually(
      "all three hints come",
      () => new Set(heard).size === 3,
      () => `heard ${heard.join(", ")}; told ${told.join("\n")}`,
    );
    expect(delay.counters.dropped).toBe(0);
    const connection = await connect(settings.url);
    const channel = await connection.createChannel();
    for (const queue of [`order.delay.${delayMs}`, "order.due"]) await channel.deleteQueue(settings.prefix + queue);
    await connection.close();
  }, 360_000);
}

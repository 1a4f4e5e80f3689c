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
    while (acknowledged.length === before) await Bun.sleep(20);
    const acknowledgedAgainMs = clock.now() - backAt;
    await Bun.sleep(2_000);
    isOver = true;
    await Promise.all(buyers);
    await consumption.caughtUp();

    expect(acknowledged.filter((n) => !handled.has(n))).toEqual([]);
    expect(faultsOfOrder).toEqual([]);
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.filter((error) => !(error instanceof LogUnavailable))).toEqual([]);
    expect(acknowledgedAgainMs).toBeLessThan(10_000);
    console.log(`acknowledged again ${acknowledgedAgainMs} ms after the broker was back`);
    await Promise.all([first, second].map((log) => log[Symbol.asyncDispose]()));
    const admin = new Admin({ clientId: "test", bootstrapBrokers: brokers });
    await admin.deleteTopics({ topics: (await admin.listTopics()).filter((name) => name.startsWith(prefix)) });
    await admin.close();
  }, 120_000);

  test(`RabbitMQ ${fault[0]}: what it had and what was said meanwhile comes when it is back`, async () => {
    const settings = { url: address("RABBITMQ_URL"), delayMs: 300, prefix: `outage-${process.pid}-${Date.now()}.` };
    await using delay = openRabbitDelay(settings, deps);
    const isReady = () =>
      delay.ready().then(
        () => true,
        () => false,
      );
    while (!(await isReady())) await Bun.sleep(20);
    const { heard } = listenTo(delay);
    delay.schedule(orders(1, 2));
    await Bun.sleep(100);
    const suffering = suffer("rabbitmq", fault, 3_000);
    await Bun.sleep(500);
    delay.schedule(orders(3));
    await suffering;
    // Any of them may come twice.
    while (new Set(heard).size < 3) await Bun.sleep(50);
    expect(delay.counters.dropped).toBe(0);
    const connection = await connect(settings.url);
    const channel = await connection.createChannel();
    for (const queue of ["order.delay.300", "order.due"]) await channel.deleteQueue(settings.prefix + queue);
    await connection.close();
  }, 120_000);
}

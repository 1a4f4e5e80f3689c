/**
 * Orders through the log into rows, in the two halves that are two roles: appended to Kafka as the order role does, and written
 * to MySQL by a group as the writer does. First each half at its full pace, then both together at half the writer's, where the
 * time from a durable append to a written row is what a passenger would wait.
 */
import { openKafkaLog } from "@chepiao/adapters/kafka";
import { createMysqlStores, migrateMysql, openMysql } from "@chepiao/adapters/mysql";
import { createSystemClock } from "@chepiao/adapters/system";
import { firstRunOf, type LogRecord, type OrderAccepted } from "@chepiao/contracts";
import type { Consumption, Log } from "@chepiao/ports/log";
import type { OrderStore } from "@chepiao/ports/order-store";
import { createPrng } from "@chepiao/kernel";
import { percentile } from "../lib/rounds.ts";
import { drawSold } from "../lib/sold.ts";
import {
  type Addresses,
  benchName,
  engineCpuSeconds,
  freshDatabase,
  ownCpuSeconds,
  portOf,
  removeTopics,
} from "./engines.ts";

export type OrderFigures = {
  readonly appendsPerSecond: number;
  readonly appendP99Ms: number;
  readonly rowsPerSecond: number;
  /** Of both halves together at half the writer's pace. */
  readonly pacedPerSecond: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly appenderUsPerOrder: number;
  readonly kafkaUsPerOrder: number;
  readonly writerUsPerOrder: number;
  readonly mysqlUsPerOrder: number;
};

const ordersWarm = 500;
const ordersAtFullPace = 6_000;
const pacedSeconds = 2;
const paceEveryMs = 10;
const appendsAtOnce = 512;
const ordersAtHand = 40_000;
const partitions = 4;
/** As the order room's own consumer has them. */
const [batchMax, gatherMs] = [500, 50];
const topic = "order-create-topic" as const;

export async function measureOrders({ mysql, kafka }: Addresses): Promise<OrderFigures> {
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const report = (message: string, error?: unknown) => console.error(message, error);
  const database = cleanUp.use(openMysql(await freshDatabase(mysql, cleanUp)));
  await migrateMysql(database);
  const { orders: store } = cleanUp.use(createMysqlStores({ database, clock, report }));
  const prefix = `${benchName()}.`;
  cleanUp.defer(() => removeTopics(kafka, prefix));
  const settings = { brokers: kafka, prefix, partitions, replicas: 1, minInSyncReplicas: 1 };
  const log = cleanUp.use(openKafkaLog(settings, { clock, report }));
  const draw = createOrders();
  // Topics are there, and the road is compiled, before anything is counted.
  await append(log, draw(ordersWarm), []);
  await drain(log, store, () => 0);

  const appendMs: number[] = [];
  const appended = await timed(
    () => engineCpuSeconds(portOf(kafka[0]!)),
    () => append(log, draw(ordersAtFullPace), appendMs),
  );
  const written = await drain(log, store, () => engineCpuSeconds(portOf(mysql)));
  const paced = await keepPace(log, store, draw, ordersAtFullPace / written.seconds / 2);

  const usEach = (cpuSeconds: number) => (cpuSeconds * 1e6) / ordersAtFullPace;
  return {
    appendsPerSecond: ordersAtFullPace / appended.seconds,
    appendP99Ms: percentile(sorted(appendMs), 0.99),
    rowsPerSecond: ordersAtFullPace / written.seconds,
    pacedPerSecond: paced.perSecond,
    lagP50Ms: percentile(paced.lagMs, 0.5),
    lagP99Ms: percentile(paced.lagMs, 0.99),
    appenderUsPerOrder: usEach(appended.ownCpu),
    kafkaUsPerOrder: usEach(appended.engineCpu),
    writerUsPerOrder: usEach(written.ownCpu),
    mysqlUsPerOrder: usEach(written.engineCpu),
  };
}

// The two halves ------------------------------------------------------------------------------------------------------------

/** So many purchases wait for their answer at any time; each is appended by itself, as each is one request. */
async function append(log: Log, orders: readonly OrderAccepted[], tookMs: number[]): Promise<void> {
  let next = 0;
  const goOn = async () => {
    for (let order = orders[next++]; order; order = orders[next++]) {
      const fromMs = performance.now();
      await log.append([recordOf(order)]);
      tookMs.push(performance.now() - fromMs);
    }
  };
  await Promise.all(Array.from({ length: appendsAtOnce }, goOn));
}

/** Until the group is through. Its joining is not measured: a group joins once in a life. */
async function drain(log: Log, store: OrderStore, engineCpu: () => number) {
  const begun = Promise.withResolvers<void>();
  const writer = consume(log, store, { before: begun.resolve });
  try {
    await begun.promise;
    return await timed(engineCpu, () => writer.caughtUp());
  } finally {
    await writer[Symbol.asyncDispose]();
  }
}

/** Both at once, a few orders every few milliseconds. */
async function keepPace(log: Log, store: OrderStore, draw: (count: number) => OrderAccepted[], perSecond: number) {
  const appendedAtMs = new Map<number, number>();
  const lagMs: number[] = [];
  const writer = consume(log, store, {
    after(orders) {
      // A group may write a record before its appender has heard that it is durable.
      for (const { orderId } of orders)
        lagMs.push(Math.max(0, performance.now() - (appendedAtMs.get(orderId) ?? Infinity)));
    },
  });
  try {
    await writer.caughtUp();
    const startedMs = performance.now();
    const under: Promise<void>[] = [];
    let sent = 0;
    for (let passedMs = 0; passedMs < pacedSeconds * 1_000; passedMs = performance.now() - startedMs) {
      const due = Math.floor((passedMs * perSecond) / 1_000) - sent;
      sent += due;
      for (const order of draw(due)) {
        const noted = log.append([recordOf(order)]).then(() => void appendedAtMs.set(order.orderId, performance.now()));
        under.push(noted);
      }
      await Bun.sleep(paceEveryMs);
    }
    await Promise.all(under);
    const seconds = (performance.now() - startedMs) / 1_000;
    await writer.caughtUp();
    return { perSecond: sent / seconds, lagMs: sorted(lagMs) };
  } finally {
    await writer[Symbol.asyncDispose]();
  }
}

type Seen = { readonly before?: () => void; readonly after?: (orders: readonly OrderAccepted[]) => void };

const consume = (log: Log, store: OrderStore, seen: Seen): Consumption =>
  log.consume({
    group: "bench-writer",
    topics: [topic],
    batchMax,
    gatherMs,
    async handle(records) {
      seen.before?.();
      const orders = records.flatMap((record) => (record.topic === topic ? [record.value] : []));
      const outcomes = await store.accept(orders, orders[0]!.acceptedAt);
      const lost = outcomes.filter((outcome) => outcome === "rejected").length;
      if (lost > 0) console.error(`${lost} orders of the bench lost their seats, which nobody else has`);
      seen.after?.(orders);
    },
  });

async function timed(engineCpu: () => number, work: () => Promise<void>) {
  const [engineBefore, ownBefore, startedMs] = [engineCpu(), ownCpuSeconds(), performance.now()];
  await work();
  return {
    seconds: (performance.now() - startedMs) / 1_000,
    ownCpu: ownCpuSeconds() - ownBefore,
    engineCpu: engineCpu() - engineBefore,
  };
}

// What they work on ---------------------------------------------------------------------------------------------------------

/** Of many runs, by chance, as they come at any one time. */
function createOrders(): (count: number) => OrderAccepted[] {
  const prng = createPrng(5);
  const byChance = [...drawSold().take(ordersAtHand)].map((order) => ({ order, at: prng.next() }));
  const drawn = byChance.toSorted((a, b) => a.at - b.at).map(({ order }) => order);
  let next = 0;
  return (count) => {
    if (next + count > drawn.length) throw new Error("the bench has written all its orders: make more of them");
    return drawn.slice(next, (next += count));
  };
}

const recordOf = (order: OrderAccepted): LogRecord => ({ topic, key: firstRunOf(order), value: order });

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

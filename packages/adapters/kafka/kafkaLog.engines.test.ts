/** Kafka keeps the rules of every log, and those that only a log with brokers and several members has. */
import { afterAll, expect, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import { dayMs } from "@chepiao/kernel";
import { type Consumption, type Log, LogUnavailable, PoisonRecord } from "@chepiao/ports/log";
import { logSuite, numberOf, settledRecord } from "@chepiao/ports/log/log.suite.ts";
import { Admin, Producer } from "@platformatic/kafka";
import { openKafkaLog } from "./kafkaLog.ts";
import { kafkaConnection } from "./settings.ts";

const brokers = (process.env["KAFKA_BROKERS"] ?? "").split(",").filter(Boolean);
if (brokers.length === 0) {
  throw new Error("KAFKA_BROKERS is not set: `npm run engines -- up` starts Kafka and says where it is");
}

const topic = "payment-settled-topic";
const clock = createSystemClock();
let installations = 0;
const ours = `test-${process.pid}-${Date.now()}-`;
const freshPrefix = () => `${ours}${installations++}.`;
afterAll(async () => {
  const admin = new Admin({ clientId: "test", ...kafkaConnection({ brokers }) });
  const topics = (await admin.listTopics()).filter((name) => name.startsWith(ours));
  await admin.deleteTopics({ topics });
  await admin.close();
});
/** As the protocol numbers what has settings. */
const topicResource = 2;
const testSettings = { brokers, partitions: 4, replicas: 1, minInSyncReplicas: 1 };
const open = (prefix: string) => openKafkaLog({ ...testSettings, prefix }, { clock, report: () => {} });

const subject = (prefix: string) => {
  const log = open(prefix);
  return {
    log,
    async reopen() {
      await log[Symbol.asyncDispose]();
      return subject(prefix);
    },
  };
};
logSuite("Kafka", async () => subject(freshPrefix()));

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const manyRuns = (n: number) => settledRecord(n, topic, n % 24);

test("from outside of a group it is known how much the group has not finished, also of one that never was there", async () => {
  const prefix = freshPrefix();
  await using log = open(prefix);
  const left = (withinMs: number) => log.unfinishedAfter({ group: "a", topic, withinMs });
  expect(await left(0)).toBe(0);
  await log.append(upTo(10).map(manyRuns));
  expect(await left(0)).toBe(10);
  let isBlocked = true;
  const handle = async () => {
    if (isBlocked) throw new Error("not yet");
  };
  await using consumption = log.consume({ group: "a", topics: [topic], batchMax: 100, handle });
  expect(await left(300)).toBe(10);
  isBlocked = false;
  expect(await left(20_000)).toBe(0);
  await consumption.caughtUp();
  await log.append([manyRuns(1)]);
  expect(await left(20_000)).toBe(0);
});

test("appends that come together share their journeys to the broker", async () => {
  await using log = open(freshPrefix());
  await log.append([manyRuns(0)]);
  await Promise.all(upTo(1_000).map((n) => log.append([manyRuns(n)])));
  expect(log.counters.appended).toBe(1_001);
  expect(log.counters.syncs).toBeLessThan(20);
});

test("one append may be larger than a request to the broker", async () => {
  await using log = open(freshPrefix());
  await log.append(upTo(20_000).map(manyRuns));
  expect(log.counters.syncs).toBeGreaterThan(1);
  const got: number[] = [];
  const handle = async (records: readonly Parameters<typeof numberOf>[0][]) => void got.push(...records.map(numberOf));
  await log.consume({ group: "a", topics: [topic], batchMax: 5_000, handle }).caughtUp();
  expect(got.toSorted((a, b) => a - b)).toEqual(upTo(20_000));
});

test("records, which name travellers, are kept for a week, and dead letters until they are replayed", async () => {
  const prefix = freshPrefix();
  await using log = open(prefix);
  await log.append([manyRuns(0)]);
  const admin = new Admin({ clientId: "test", ...kafkaConnection({ brokers }) });
  const settingsOf = async (name: string) => {
    const [described] = await admin.describeConfigs({
      resources: [{ resourceType: topicResource, resourceName: `${prefix}${name}`, configurationKeys: null }],
    });
    const said = new Map(described!.configs.map((each) => [each.name, each.value]));
    return [said.get("cleanup.policy"), Number(said.get("retention.ms"))];
  };
  expect(await settingsOf("order-create-topic")).toEqual(["delete", 7 * dayMs]);
  expect((await settingsOf("order-create-topic.dead"))[0]).toBe("compact");
  await admin.close();
});

test("a log without a broker refuses appends in time, says what is missing and closes", async () => {
  const nobody = { ...testSettings, brokers: ["127.0.0.1:9"], prefix: freshPrefix(), appendTimeoutMs: 800 };
  await using log = openKafkaLog(nobody, { clock, report: () => {} });
  const consumption = log.consume({ group: "a", topics: [topic], batchMax: 10, handle: async () => {} });
  const caughtUp = consumption.caughtUp().catch((error: unknown) => error);
  const startedAt = clock.now();
  const refusals = await Promise.all([0, 1].map((n) => log.append([manyRuns(n)]).catch((error: unknown) => error)));
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(LogUnavailable);
  expect(clock.now() - startedAt).toBeLessThan(20_000);
  expect(log.ready()).rejects.toThrow("Kafka at 127.0.0.1:9 cannot be used");
  await consumption[Symbol.asyncDispose]();
  expect(await caughtUp).toBeInstanceOf(LogUnavailable);
});

test("what is not even a record is put aside as it is, and cannot be replayed", async () => {
  const prefix = freshPrefix();
  await using log = open(prefix);
  await log.append([manyRuns(0)]);
  const stranger = new Producer({ clientId: "stranger", ...kafkaConnection({ brokers }) });
  const key = Buffer.from("G1/2026-12-01");
  await stranger.send({
    messages: ["not JSON", "17"].map((text) => ({ topic: prefix + topic, key, value: Buffer.from(text) })),
  });
  await stranger.close();
  await log.append([manyRuns(1)]);
  const got: number[] = [];
  const consumption = log.consume({
    group: "a",
    topics: [topic],
    batchMax: 10,
    handle: async (records) => void got.push(...records.map(numberOf)),
  });
  await consumption.caughtUp();
  expect(got.toSorted((a, b) => a - b)).toEqual([0, 1]);
  const letters = await log.deadLetters.list();
  expect(letters.map(({ text }) => text)).toEqual(["not JSON", "17"]);
  expect(log.deadLetters.replay([letters[0]!.id])).rejects.toBeInstanceOf(PoisonRecord);
});

/** Members write down what they get, and notice when somebody else has the same run at the same time. */
function diary() {
  const inHand = new Set<string>();
  const lastOf = new Map<string, number>();
  const seen = new Set<number>();
  const seenBy = new Map<string, number>();
  const faults: string[] = [];
  const join = (log: Log, name: string): Consumption =>
    log.consume({
      group: "a",
      topics: [topic],
      batchMax: 50,
      async handle(records) {
        const runs = new Set(records.map(({ key }) => key));
        for (const run of runs) if (inHand.has(run)) faults.push(`${run} is in two hands`);
        for (const run of runs) inHand.add(run);
        await Bun.sleep(20);
        for (const record of records) {
          const n = numberOf(record);
          const last = lastOf.get(record.key) ?? -1;
          // A repetition is allowed; what was never seen must be the next of its run.
          if (!seen.has(n) && n < last) faults.push(`${n} came after ${last}`);
          lastOf.set(record.key, Math.max(last, n));
          seen.add(n);
        }
        seenBy.set(name, (seenBy.get(name) ?? 0) + records.length);
        for (const run of runs) inHand.delete(run);
      },
    });
  return { join, seen, seenBy, faults };
}

test("members share the runs; when one comes or goes, none is in two hands, out of order or lost", async () => {
  const prefix = freshPrefix();
  await using first = open(prefix);
  const { join, seen, seenBy, faults } = diary();
  let count = 0;
  const appendFor = async (ms: number) => {
    for (const until = clock.now() + ms; clock.now() < until; await Bun.sleep(2)) {
      await first.append(upTo(10).map(() => manyRuns(count++)));
    }
  };
  const stays = join(first, "first");
  await appendFor(1_000);
  const second = open(prefix);
  join(second, "second");
  await appendFor(4_000);
  const third = open(prefix);
  join(third, "third");
  await appendFor(4_000);
  await second[Symbol.asyncDispose]();
  await appendFor(1_000);
  await third[Symbol.asyncDispose]();
  await appendFor(500);
  await stays.caughtUp();
  expect(faults).toEqual([]);
  expect(seen.size).toBe(count);
  for (const name of ["first", "second", "third"]) expect(seenBy.get(name)).toBeGreaterThan(0);
  // Every move of partitions waits for the handler, so hardly anything comes twice.
  const handled = [...seenBy.values()].reduce((sum, each) => sum + each, 0);
  expect(handled - count).toBeLessThan(500);
});

test("a member that hangs counts as dead, and what it had not finished comes to another", async () => {
  const prefix = freshPrefix();
  await using first = open(prefix);
  await using second = open(prefix);
  let letGo = () => {};
  const hanging = new Promise<void>((resolve) => (letGo = resolve));
  const got: number[] = [];
  const member = (log: Log, handle: (numbers: readonly number[]) => Promise<void>) =>
    log.consume({ group: "a", topics: [topic], batchMax: 100, handle: (records) => handle(records.map(numberOf)) });
  const begun = new Promise<void>((resolve) => {
    member(first, async () => {
      resolve();
      await hanging;
    });
  });
  await first.append(upTo(30).map(manyRuns));
  await begun;
  const healthy = member(second, async (numbers) => void got.push(...numbers));
  await healthy.caughtUp();
  expect(got.toSorted((a, b) => a - b)).toEqual(upTo(30));
  letGo();
});

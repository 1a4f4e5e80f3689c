/** On a cluster: what a group of Kafka has put aside, and what the outbox of MySQL cannot send, are found and tried again by the command. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Admin } from "@platformatic/kafka";
import { loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { kafkaConnection, openKafkaLog } from "@chepiao/adapters/kafka";
import { createMysqlStores } from "@chepiao/adapters/mysql";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { createSystemClock } from "@chepiao/adapters/system";
import type { LogRecord } from "@chepiao/contracts";
import { hourMs } from "@chepiao/kernel";
import { PoisonRecord } from "@chepiao/ports/log";
import { settledRecord } from "@chepiao/ports/log/log.suite.ts";

const brokers = (process.env["KAFKA_BROKERS"] ?? "").split(",").filter(Boolean);
if (brokers.length === 0) {
  throw new Error("KAFKA_BROKERS is not set: `npm run engines -- up` starts Kafka and says where it is");
}

const clock = createSystemClock();
const report = () => {};
const namespace = `test-dead-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "chepiao-dead-"));
const keysFile = join(folder, "keys.json");
await loadOrCreateKeys(keysFile);
const mysql = await freshMysql("ShardingSphere-Proxy");
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  const admin = new Admin({ clientId: "test", ...kafkaConnection({ brokers }) });
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter((name) => name.startsWith(namespace)) });
  await admin.close();
});

async function command(args: string, environment: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn(
    [process.execPath, resolve(import.meta.dir, "../../main.ts"), "dead-letters", ...args.split(" ")],
    {
      env: {
        ...process.env,
        CHEPIAO_ENGINES: "cluster",
        KEYS_FILE: keysFile,
        MYSQL_URL: mysql.url,
        NAMESPACE: namespace,
        KAFKA_REPLICAS: "1",
        KAFKA_PARTITIONS: "4",
        ...environment,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, text: out + err };
}

test("dead letters of Kafka and messages that the outbox cannot send are listed and tried again", async () => {
  const settings = { brokers, partitions: 4, replicas: 1, minInSyncReplicas: 1, prefix: `${namespace}.` };
  await using log = openKafkaLog(settings, { clock, report });
  let isFixed = false;
  const taken: LogRecord[] = [];
  const consumption = log.consume({
    group: "writer",
    topics: ["payment-settled-topic"],
    batchMax: 10,
    async handle(records) {
      if (!isFixed) throw new PoisonRecord("there is no such refund");
      taken.push(...records);
    },
  });
  await log.append([0, 1, 2].map((n) => settledRecord(n)));
  await consumption.caughtUp();

  await using stores = createMysqlStores({ database: mysql.open(), clock, report });
  await stores.orders.enqueue([settledRecord(3)], clock.now());
  const [waiting] = await stores.outbox.pending(clock.now(), 10);
  for (let attempt = 0; attempt < 12; attempt++) await stores.outbox.failed([waiting!.messageId], clock.now());

  type Told = readonly { id: string; topic: string; attempts?: number; cause?: string }[];
  const list = await command("list --json");
  const told = JSON.parse(list.text) as Told;
  const ours = { topic: "payment-settled-topic" };
  const aside = { ...ours, group: "writer", cause: expect.stringContaining("there is no such refund") as string };
  expect(told).toMatchObject([aside, aside, aside, { ...ours, attempts: 12 }]);

  isFixed = true;
  const first = await command(`replay ${told[0]!.id}`);
  expect([first.code, first.text]).toEqual([0, expect.stringContaining("Replayed: 1")]);
  await consumption.caughtUp();
  expect(taken.length).toBe(1);
  const others = await command("replay --all --topic payment-settled-topic --yes");
  expect([others.code, others.text]).toEqual([0, expect.stringContaining("Replayed: 3")]);
  await consumption.caughtUp();
  expect(taken).toHaveLength(3);
  expect(taken).toEqual(expect.arrayContaining([0, 1, 2].map((n) => settledRecord(n))));
  // Its pause would have been an hour.
  const soon = await stores.outbox.pending(clock.now(), 10);
  expect(soon.map(({ record }) => record)).toEqual([settledRecord(3)]);
  await stores.outbox.sent(soon.map(({ messageId }) => messageId));
  expect((await command("list")).text).toContain("Nothing stands still");
  expect(await stores.outbox.pending((clock.now() + hourMs) as never, 10)).toEqual([]);
}, 180_000);

test("a Kafka that is away is said, with its address", async () => {
  const away = await command("list", { KAFKA_BROKERS: "127.0.0.1:9" });
  expect([away.code, away.text]).toEqual([1, expect.stringContaining("Kafka at 127.0.0.1:9 cannot be used")]);
  expect(away.text).not.toContain("    at ");
});

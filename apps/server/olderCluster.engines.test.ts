/**
 * A cluster of version 0.1.0: what its database, its log and its bank had when all its processes were killed while a dozen people bought,
 * paid, cancelled and gave back. There are orders in the log that are not rows yet, and payments on their way; Redis and the binlogs are
 * new. It starts, keeps every promise that was made, and sells. Its processes run the one file that is shipped, with every driver in it.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OlderGroup, type OlderRecord, restoreKafka } from "@chepiao/adapters/kafka/older.suite.ts";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { unzipSync } from "fflate";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { roles } from "./roles.ts";
import { judge, recordsOfCluster, seatsAreFreeBut } from "./testing/audit.ts";
import { createRolePlatform, type RoleProcess } from "./testing/processes.ts";
import { readModelsAreOrders } from "./testing/readModels.ts";
import { goOn, type Left, toldBefore } from "./testing/upgraded.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";

const files = unzipSync(readFileSync(join(import.meta.dir, "testing/clusterOf0.1.0.zip")));
const textOf = (name: string) => Buffer.from(files[name]!).toString();
const left = JSON.parse(textOf("told.json")) as Left;
const records = textOf("log.jsonl").trim().split("\n");

const built = mkdtempSync(join(tmpdir(), "chepiao-build-"));
const program = join(built, "chepiao");
afterAll(() => rmSync(built, { recursive: true }));

const startWithinMs = 180_000;
const restMs = 120_000;
const mysql = await freshMysql("ShardingSphere-Proxy", [textOf("sql/0.sql"), textOf("sql/1.sql")]);

/** Where it does not come right, what the processes said of it comes first. */
async function isRightInTime(
  processes: readonly RoleProcess[],
  audit: () => Promise<readonly string[]>,
): Promise<void> {
  const until = Date.now() + restMs;
  let wrong = await audit();
  while (wrong.length > 0 && Date.now() < until) {
    await Bun.sleep(500);
    wrong = await audit();
  }
  if (wrong.length > 0) for (const { role, output } of processes) console.error(`${role} said:\n${output()}`);
  expect(wrong).toEqual([]);
}

test("I1 I2 I3 I4 I6 I8 the database and the log of a cluster of version 0.1.0 are taken over, and it sells", async () => {
  const builder = join(import.meta.dir, "../../tools/build.ts");
  expect(await Bun.spawn([process.execPath, builder, "--out", program], { stdout: "ignore" }).exited).toBe(0);
  await using platform = await createRolePlatform({
    mysql,
    settings: policySetting(timeToPay(4)),
    files: Object.fromEntries(Object.entries(files).filter(([name]) => /^(keys|sandbox-bank)\./.test(name))),
  });
  const { settings, dataDir, gatewayUrl } = platform;
  await restoreKafka(
    {
      brokers: settings["KAFKA_BROKERS"]!.split(","),
      prefix: `${settings["NAMESPACE"]}.`,
      partitions: Number(settings["KAFKA_PARTITIONS"]),
      replicas: 1,
      minInSyncReplicas: 1,
    },
    records.map((line) => JSON.parse(line) as OlderRecord),
    JSON.parse(textOf("groups.json")) as OlderGroup[],
  );
  const processes = roles.map((role) => platform.start(role, {}, program));
  await platform.ready(startWithinMs);

  const told = toldBefore(left);
  async function recordsNow() {
    const sql = await createConnection({ uri: settings["MYSQL_URL"]!, supportBigNumbers: true });
    try {
      return await recordsOfCluster(async (statement) => (await sql.query<RowDataPacket[]>(statement))[0], dataDir);
    } finally {
      await sql.end();
    }
  }
  await isRightInTime(processes, async () => judge(await recordsNow(), told));
  const date = await goOn(gatewayUrl, left, told);
  await isRightInTime(processes, async () => judge(await recordsNow(), told));
  // What the keeper bought is not paid, and expires: its seat is free in the rows first, and then for sale.
  await isRightInTime(processes, async () =>
    seatsAreFreeBut(await recordsNow(), gatewayUrl, { second: 40 }, { ...left, date }),
  );
  await isRightInTime(processes, () => readModelsAreOrders(settings));
}, 700_000);

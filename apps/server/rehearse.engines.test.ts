/**
 * What is rehearsed of a cluster: its timetable and its policy, only read, without its keys, for a platform of this machine alone; or on the same engines, under
 * names that are nobody else's, of which nothing stays.
 */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kafkaConnection } from "@chepiao/adapters/kafka";
import { ask } from "@chepiao/adapters/mysql";
import { engineUrls, freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { openRedis } from "@chepiao/adapters/redis";
import { Admin } from "@platformatic/kafka";
import type { RowDataPacket } from "mysql2/promise";
import { booksOfFolder } from "./audit/records.ts";
import { rehearseCommand } from "./commands/rehearse.ts";
import { readConfig } from "./config.ts";
import { createOwnPlatform } from "./rehearsal/ownPlatform.ts";
import type { Rehearsed } from "./rehearsal/report.ts";
import { policySetting } from "./testing/policy.ts";
import { runInFolder } from "./testing/command.ts";
import { createRolePlatform, settleOn, type Settings } from "./testing/processes.ts";

const composition = { code: "HOT", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 4 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync(), 60_000);

test("the platform of a rehearsal sells the cluster's trains by the cluster's policy, and is gone afterwards", async () => {
  const mysql = await freshMysql("ShardingSphere-Proxy");
  const cluster = cleanUp.use(await createRolePlatform({ mysql, settings: policySetting() }));
  const world = await settleOn(cluster, {
    userCount: 1,
    passengersPerUser: 1,
    trainCount: 2,
    stationCount: 3,
    composition,
  });
  const config = readConfig({ ...cluster.settings, KEYS_FILE: join(cluster.dataDir, "nowhere.json") });
  const platform = await createOwnPlatform(config);
  {
    await using own = platform;
    await using ground = await own.openGround();
    const run = ground.timetable.run(world.trains[1]!, world.date);
    expect(run?.train.stops.map(({ stationId }) => stationId)).toEqual([...world.stations]);
    expect(run?.train.composition.coaches).toEqual(composition.coaches);
    expect(booksOfFolder(own.dataDir).orders).toEqual([]);
  }
  expect(existsSync(platform.dataDir)).toBe(false);

  // Tables that are older than this program are left as they are.
  const migration = "0007-order-index";
  const { sql } = mysql.database;
  await sql.deleteFrom("t_migration").where("name", "=", migration).execute();
  const refused = createOwnPlatform(config).catch((error: Error) => error.message);
  expect(await refused).toMatch(new RegExp(`lacks migrations: ${migration}\\. A rehearsal only reads the database`));
  expect(await sql.selectFrom("t_migration").select("name").where("name", "=", migration).execute()).toEqual([]);
}, 120_000);

test("a crowd comes to an opening on the engines, and of its platform there nothing stays; the operator's own beside it is as before", async () => {
  const mysql = await freshMysql("ShardingSphere-Proxy");
  const cluster = cleanUp.use(await createRolePlatform({ mysql, settings: policySetting() }));
  const { trains, date } = await settleOn(cluster, {
    userCount: 1,
    passengersPerUser: 1,
    trainCount: 2,
    stationCount: 3,
    composition,
  });
  const out = mkdtempSync(join(tmpdir(), "chepiao-rehearsed-"));
  cleanUp.defer(() => rmSync(out, { recursive: true, force: true }));
  const before = await namesOn(cluster.settings);
  const size = ["--people", "120", "--bots", "80", "--collect", "8", "--haste", "10", "--inside", "100"];
  const settings = { ...cluster.settings, KEYS_FILE: join(out, "nowhere.json") };
  const { exit, text } = await runWith(settings, [`${trains[1]}/${date}`, "--engines", ...size, "--out", out]);
  expect([exit, text]).toEqual([0, expect.stringContaining("20 seats")]);
  const came = JSON.parse(readFileSync(join(out, "rehearsal.json"), "utf8")) as Rehearsed;
  expect(came.promises.filter(({ kind, kept }) => kind === "promise" && kept !== true)).toEqual([]);
  // Whether the seats of those who change their minds are sold once more depends on how fast the machine is.
  expect(came).toMatchObject({ stock: 20, settings: { engines: "cluster" }, sold: { free: 20 - came.sold.taken } });
  expect(came.sold.ticketed).toBeGreaterThan(0);
  expect(await namesOn(cluster.settings)).toEqual(before);
  expect(await mysql.database.sql.selectFrom("t_user").select("user_id").execute()).toHaveLength(1);
}, 300_000);

/** Of everything that a platform makes on engines others use, too. */
async function namesOn({ REDIS_NODES: nodes, KAFKA_BROKERS: brokers }: Settings) {
  await using redis = openRedis({ nodes: nodes!.split(",") });
  const keys: string[] = [];
  await redis.ask((cluster) => cluster.exists("any"));
  for (const node of redis.cluster.nodes("master"))
    for await (const some of node.scanStream({ match: "rehearsal-*", count: 1_000 })) keys.push(...(some as string[]));
  const admin = new Admin({ clientId: "test", ...kafkaConnection({ brokers: brokers!.split(",") }) });
  const topics = (await admin.listTopics()).filter((name) => name.includes("rehearsal-"));
  await admin.close();
  const databases: string[] = [];
  for (const url of [...engineUrls("MYSQL_PRIMARIES"), ...engineUrls("MYSQL_URL")])
    await ask(url, async (server) => {
      const [rows] = await server.query<RowDataPacket[]>("show databases");
      databases.push(...rows.map((row) => String(Object.values(row)[0])).filter((name) => name.includes("rehearsal")));
    });
  return { keys, topics, databases };
}

/** The command, told these settings besides those of the engines. */
async function runWith(settings: Settings, args: readonly string[]) {
  const before = { ...process.env };
  Object.assign(process.env, settings);
  try {
    return await runInFolder(rehearseCommand, settings["DATA_DIR"]!, args);
  } finally {
    for (const name of Object.keys(settings)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

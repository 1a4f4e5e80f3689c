/** What is rehearsed of a cluster: its timetable and its policy, only read, without its keys, for a platform of this machine alone. */
import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { booksOfFolder } from "./audit/records.ts";
import { readConfig } from "./config.ts";
import { openFolderGround } from "./rehearsal/ground.ts";
import { createOwnPlatform } from "./rehearsal/ownPlatform.ts";
import { policySetting } from "./testing/policy.ts";
import { createRolePlatform, settleOn } from "./testing/processes.ts";

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
    await using ground = await openFolderGround(own.dataDir);
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

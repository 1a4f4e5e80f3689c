/**
 * The platform as it stands in production: each role a process of its own behind the gateway, on real engines, with the one logical
 * MySQL of ShardingSphere-Proxy. Every site has its own keys, topics, queues and indexes.
 *
 * A database takes seconds to make and to fill with a timetable: sites that follow each other have the same, emptied in between of
 * all but the timetable.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type FreshMysql, openFreshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { wholeTables } from "@chepiao/adapters/sql";
import { roles } from "../../server/roles.ts";
import { createRolePlatform, type RoleProcess } from "../../server/testing/processes.ts";
import { type Ground, runCommand, type Site, type SiteSettings } from "./site.ts";
import { policySetting } from "../../server/testing/policy.ts";

/** A machine that has more to do than this takes its time over a dozen processes. */
const startsWithinMs = 180_000;

export const cluster: Ground = {
  about: `real engines, with ${roles.length} roles in processes of their own`,
  startSite,
  async close() {
    for (const { mysql } of databases.splice(0)) await mysql[Symbol.asyncDispose]();
    if (built) rmSync(dirname(await built), { recursive: true });
    built = null;
  },
};

/** As it is shipped, and because a dozen processes are faster with one file than with a thousand sources each. */
let built: Promise<string> | null = null;
async function build(): Promise<string> {
  const out = join(mkdtempSync(join(tmpdir(), "chepiao-e2e-")), "chepiao");
  await Bun.$`${process.execPath} tools/build.ts --out ${out}`.cwd(`${import.meta.dir}/../../..`).quiet();
  return out;
}

async function startSite(settings: SiteSettings = {}): Promise<Site> {
  await using cleanUp = new AsyncDisposableStack();
  const program = await (built ??= build());
  const database = await takeDatabase();
  cleanUp.defer(() => dropDatabase(database));
  // One with a name of its own is for real travellers.
  const demo = settings["PUBLIC_URL"] === undefined ? "1" : "0";
  const platform = cleanUp.use(
    await createRolePlatform({
      mysql: database.mysql,
      settings: {
        CHEPIAO_DEMO: demo,
        LOG_LEVEL: "error",
        REGISTRATIONS_PER_ADDRESS_HOUR: "10000",
        REGISTRATIONS_PER_ADDRESS_DAY: "10000",
        // One person does here what many do.
        ...policySetting(),
        ...settings,
      },
    }),
  );
  if (!database.hasTimetable) await runCommand(["import", "demo"], platform.settings);
  database.hasTimetable = true;

  let processes: readonly RoleProcess[] = [];
  cleanUp.defer(() => tellErrors(processes));
  async function start() {
    processes = roles.map((role) => platform.start(role, {}, program));
    await platform.ready(startsWithinMs);
  }
  await start();
  const kept = cleanUp.move();
  return {
    url: platform.gatewayUrl,
    start,
    chepiao: (...args) => runCommand(args, platform.settings),
    kill: async () => void (await Promise.all(processes.map((process) => process.kill()))),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/**
 * Tests see answers and pages; why one was wrong stands in the logs. A page may make do without an answer of a role, so that only the
 * logs say that there was none.
 */
function tellErrors(processes: readonly RoleProcess[]) {
  const errors = processes.flatMap(({ role, output }) =>
    output()
      .split("\n")
      .filter((line) => line.includes('"level":"ERROR"'))
      .map((line) => `${role}: ${line}`),
  );
  for (const line of errors) console.log(line);
  const unexpected = errors.find((line) => line.includes(" 500 Internal"));
  if (unexpected !== undefined) throw new Error(`a request was answered 500: ${unexpected}`);
}

// Databases

type Database = { readonly mysql: FreshMysql; hasTimetable: boolean; isTaken: boolean };
const databases: Database[] = [];

async function takeDatabase(): Promise<Database> {
  let database = databases.find(({ isTaken }) => !isTaken);
  if (!database) {
    database = { mysql: await openFreshMysql("ShardingSphere-Proxy"), hasTimetable: false, isTaken: true };
    databases.push(database);
  }
  database.isTaken = true;
  return database;
}

/** What a platform has beside its timetable, and the next begins without. */
const ofOnePlatform: readonly string[] = [
  "t_audit_entry",
  "t_audit_end",
  "t_feed_place",
  "t_gate",
  "t_gateway_rules",
  "t_gateway_usage",
  "t_policy",
  "t_queue",
  "t_queue_draw",
  "t_queue_taken",
  "t_queue_list",
  "t_quota",
  "t_quota_change",
  "t_reconciliation_case",
  "t_reconciliation_run",
  "t_risk_appeal",
  "t_risk_block",
  "t_risk_decision",
  "t_run_reseat",
  "t_withdrawn_coach",
  "t_withdrawn_coach_change",
  "t_lease",
  "t_run_cancellation",
  "t_run_source",
  "t_run_state",
  "t_run_notice",
];
const timetableTables = wholeTables.filter((name) => !ofOnePlatform.includes(name));

async function dropDatabase(database: Database) {
  await database.mysql.wipe(timetableTables);
  database.isTaken = false;
}

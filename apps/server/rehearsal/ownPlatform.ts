/**
 * A platform for one rehearsal: the timetable and the policy of the operator's own in a new folder, and a process that serves them on this machine alone,
 * with the bank and the register to practise with. It is gone afterwards, and the operator's own is only read.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createSqlPolicyStore, createSqlTimetableStore } from "@chepiao/adapters/sql";
import { createStores, openSqlite, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { type Composition, firstPolicyVersion, type PolicyVersion, ServiceUnavailable } from "@chepiao/contracts";
import { addDays, dateIn, epochMs, type ZoneName } from "@chepiao/kernel";
import type { StoredTimetable, TimetableImport, TimetableStore } from "@chepiao/ports/timetable-store";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import { BadSetting } from "@chepiao/room";
import { firstPolicy } from "@chepiao/services/policy";
import { type Config, engineIdentity, settingIn } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { takeOverDemo } from "../data/demo/takeOver.ts";
import { CommandFailed } from "../commands/command.ts";
import type { Started } from "./rehearse.ts";

export type OwnPlatform = AsyncDisposable & { readonly dataDir: string; start(): Promise<Started> };

type Known = { readonly timetable: StoredTimetable | null; readonly policies: readonly PolicyVersion[] };

/** Whoever asks this process to end meanwhile has the platform ended and its folder removed first. */
export async function createOwnPlatform(config: Config): Promise<OwnPlatform> {
  const cleanUp = new AsyncDisposableStack();
  let ending: Promise<void> | null = null;
  // A signal and an error that it brings about may both end it, and each has to wait until it is gone.
  const end = () => (ending ??= cleanUp.disposeAsync());
  try {
    cleanUp.use(endingOnSignal(end));
    const dataDir = mkdtempSync(join(resolve(tmpdir()), "chepiao-rehearsal-"));
    cleanUp.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    await takeOver(dataDir, await readKnown(config), config);
    return {
      dataDir,
      async start() {
        if (ending) throw new CommandFailed("The rehearsal was broken off.");
        const child = startChild(dataDir, config);
        cleanUp.defer(async () => {
          child.process.kill("SIGTERM");
          await child.process.exited;
        });
        return child.ready();
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function endingOnSignal(end: () => Promise<void>): Disposable {
  const heard = async (signal: (typeof signals)[number]) => {
    try {
      await end();
    } finally {
      process.exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of signals) process.on(signal, heard);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, heard);
    },
  };
}

/** What the platform that the settings name has; nothing where there is none, as on a machine on which it is tried out. */
async function readKnown(config: Config): Promise<Known> {
  if (config.engines === "cluster") return readCluster(config);
  const path = join(resolve(config.dataDir), "chepiao.db");
  if (!existsSync(path)) return { timetable: null, policies: [] };
  await using database = openSqliteToRead(path);
  return await knownIn(createSqlTimetableStore(database.sql), createSqlPolicyStore(database.sql));
}

/** Without its keys, and without bringing its tables up to date: it sells for real. */
async function readCluster(config: Config): Promise<Known> {
  if (config.mysqlUrl === null)
    throw new BadSetting("MYSQL_URL is not set: a rehearsal reads the timetable and the policy of the cluster there.");
  // Loaded only where it is used.
  const { mysqlReady, openMysql } = await import("@chepiao/adapters/mysql");
  await using database = openMysql(config.mysqlUrl, { identity: engineIdentity(config) });
  try {
    await mysqlReady(database);
  } catch (error) {
    if (error instanceof ServiceUnavailable) throw error;
    throw new CommandFailed(
      `${(error as Error).message}. A rehearsal only reads the database, and brings nothing up to date there.`,
    );
  }
  return await knownIn(createSqlTimetableStore(database.sql), createSqlPolicyStore(database.sql));
}

const knownIn = async (timetable: TimetableStore, policies: PolicyStore): Promise<Known> => ({
  // A day more than enough, so that any zone will do to ask for it.
  timetable: await timetable.load(addDays(dateIn("UTC" as ZoneName, epochMs(Date.now())), -1)),
  policies: await policies.all(),
});

async function takeOver(dataDir: string, { timetable, policies }: Known, config: Config): Promise<void> {
  using folder = openDataFolder(dataDir);
  await using database = await openSqlite(folder.database);
  const stores = createStores(database);
  const soldRuns = async () => new Set<never>();
  if (timetable === null) await takeOverDemo(stores.timetable, config.demoSeed, soldRuns);
  else await stores.timetable.replace(importOf(timetable), { soldRuns });
  const versions = policies.length > 0 ? policies : [firstPolicyVersion(settingIn(config)(firstPolicy))];
  for (const [n, { from, policy }] of versions.entries()) await stores.policies.add(n, from, policy);
  writeFileSync(firstPolicyIn(dataDir), JSON.stringify(versions[0]!.policy));
}

/** A platform is started with the policy that its books began with. */
const firstPolicyIn = (dataDir: string) => join(dataDir, "first-policy.json");

/** Trains of one number in several zones, as after a feed that changed its own, are left out but for the timetable's. */
function importOf({ feedName, zone, stations, trains, fareOverrides, attributions }: StoredTimetable): TimetableImport {
  const compositions = new Map<string, Composition>();
  /** A train that was kept from an older feed may have other coaches under the same code. */
  const codeOf = (composition: Composition): string => {
    const text = JSON.stringify(composition.coaches);
    for (let n = 1; ; n++) {
      const code = n === 1 ? composition.code : `${composition.code}~${n}`;
      const known = compositions.get(code);
      if (!known) compositions.set(code, { ...composition, code });
      if (!known || JSON.stringify(known.coaches) === text) return code;
    }
  };
  return {
    feedName,
    zone,
    stations,
    fareOverrides,
    attributions,
    trains: trains
      .filter((train) => train.zone === zone)
      .map(({ trainNumber, trainType, composition, days, stops, fares }) => ({
        trainNumber,
        trainType,
        compositionCode: codeOf(composition),
        days,
        stops,
        ...(fares === undefined ? {} : { fares }),
      })),
    compositions: [...compositions.values()],
  };
}

const startWithinMs = 120_000;
const program = resolve(import.meta.dir, "../main.ts");
/** Of the operator's settings, those that bound what is asked and done. */
const keptSettings = ["REQUESTS_PER_ADDRESS_SECOND", "REQUESTS_PER_ACCOUNT_SECOND", "SHED_AFTER_MS", "WORKERS"];

function startChild(dataDir: string, { byEnv }: Config) {
  // A file that was built runs by itself.
  const command = existsSync(program) ? [process.execPath, program] : [process.execPath];
  const { PATH, HOME } = process.env;
  const child = Bun.spawn([...command, "serve"], {
    // Where it starts, Bun reads a .env: that of the operator may name his engines.
    cwd: dataDir,
    env: {
      PATH,
      HOME,
      TMPDIR: resolve(tmpdir()),
      ...Object.fromEntries(
        keptSettings.flatMap((env) =>
          process.env[env] === undefined || !(env in byEnv) ? [] : [[env, process.env[env]]],
        ),
      ),
      CHEPIAO_ENGINES: "embedded",
      PORT: "0",
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
      CHEPIAO_POLICY: firstPolicyIn(dataDir),
      // The crowd says by which address each of it comes.
      TRUST_PROXY: "1",
      CHEPIAO_DEMO: "0",
      CHEPIAO_PRACTICE: "1",
      METRICS_PORT: "0",
      LOG_LEVEL: "error",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let printed = "";
  const gather = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) printed = (printed + Buffer.from(chunk).toString()).slice(-20_000);
  };
  void gather(child.stdout);
  void gather(child.stderr);
  return {
    process: child,
    async ready(): Promise<Started> {
      const until = performance.now() + startWithinMs;
      for (;;) {
        const url = /Site +(http:\/\/\S+?)\/?\s/.exec(printed)?.[1]?.replace("localhost", "127.0.0.1");
        const inside = /Metrics +(http:\/\/\S+)/.exec(printed)?.[1];
        if (url !== undefined && inside !== undefined && (await fetch(`${url}/readyz`).catch(() => null))?.ok)
          return { url, cpuSeconds: () => cpuSecondsOf(inside) };
        if (child.exitCode !== null || performance.now() > until)
          throw new CommandFailed(`The platform of the rehearsal did not start:\n${printed}`);
        await Bun.sleep(20);
      }
    },
  };
}

async function cpuSecondsOf(metricsUrl: string): Promise<number> {
  const page = await (await fetch(metricsUrl)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(page)?.[1] ?? 0);
}

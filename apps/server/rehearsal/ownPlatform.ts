/**
 * A platform for one rehearsal: the timetable and the policy of the operator's own in a new folder, and a process that serves them on this machine alone,
 * with the bank and the register to practise with. It is gone afterwards, and the operator's own is only read.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createSqlPolicyStore, createSqlTimetableStore } from "@chepiao/adapters/sql";
import { createStores, openSqlite, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { type Composition, firstPolicyVersion, type PolicyVersion } from "@chepiao/contracts";
import { addDays, dateIn, epochMs, type ZoneName } from "@chepiao/kernel";
import type { StoredTimetable, TimetableImport, TimetableStore } from "@chepiao/ports/timetable-store";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import { firstPolicy } from "@chepiao/services/policy";
import { type Config, settingIn } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { takeOverDemo } from "../data/demo/takeOver.ts";
import { CommandFailed } from "../commands/command.ts";
import { openCommandStores } from "../commands/stores.ts";
import type { Started } from "./rehearse.ts";

export type OwnPlatform = AsyncDisposable & { readonly dataDir: string; start(): Promise<Started> };

type Known = { readonly timetable: StoredTimetable | null; readonly policies: readonly PolicyVersion[] };

export async function createOwnPlatform(config: Config): Promise<OwnPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-rehearsal-"));
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  try {
    await takeOver(dataDir, await readKnown(config), config);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
  return {
    dataDir,
    async start() {
      const child = startChild(dataDir, config);
      cleanUp.defer(async () => {
        child.process.kill("SIGTERM");
        await child.process.exited;
      });
      return child.ready();
    },
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
}

/** What the platform that the settings name has; nothing where there is none, as on a machine on which it is tried out. */
async function readKnown(config: Config): Promise<Known> {
  if (config.engines === "cluster") {
    await using opened = await openCommandStores(config);
    return await knownIn(opened.stores.timetable, opened.stores.policies);
  }
  const path = join(resolve(config.dataDir), "chepiao.db");
  if (!existsSync(path)) return { timetable: null, policies: [] };
  await using database = openSqliteToRead(path);
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
  const { PATH, HOME, TMPDIR } = process.env;
  const child = Bun.spawn([...command, "serve"], {
    env: {
      PATH,
      HOME,
      TMPDIR,
      ...Object.fromEntries(
        keptSettings.flatMap((env) =>
          process.env[env] === undefined || !(env in byEnv) ? [] : [[env, process.env[env]]],
        ),
      ),
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

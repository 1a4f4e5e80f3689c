/** What a rehearsal takes over of the operator's own platform, which is only read: its timetable and its policy. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSqlPolicyStore, createSqlTimetableStore } from "@chepiao/adapters/sql";
import { openSqliteToRead } from "@chepiao/adapters/sqlite";
import { type Composition, firstPolicyVersion, type PolicyVersion, ServiceUnavailable } from "@chepiao/contracts";
import { addDays, dateIn, epochMs, type ZoneName } from "@chepiao/kernel";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import type { StoredTimetable, TimetableImport, TimetableStore } from "@chepiao/ports/timetable-store";
import { BadSetting } from "@chepiao/room";
import { firstPolicy } from "@chepiao/services/policy";
import { CommandFailed } from "../commands/command.ts";
import { type Config, engineIdentity, settingIn } from "../config.ts";
import { takeOverDemo } from "../data/demo/takeOver.ts";

export type Known = { readonly timetable: StoredTimetable | null; readonly policies: readonly PolicyVersion[] };

/** What the platform that the settings name has; nothing where there is none, as on a machine on which it is tried out. */
export async function readKnown(config: Config): Promise<Known> {
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

/** Into empty stores. Answers the policy that the books begin with, by which a platform is started. */
export async function takeOver(
  stores: { readonly timetable: TimetableStore; readonly policies: Pick<PolicyStore, "add"> },
  { timetable, policies }: Known,
  config: Config,
): Promise<PolicyVersion["policy"]> {
  const soldRuns = async () => new Set<never>();
  if (timetable === null) await takeOverDemo(stores.timetable, config.demoSeed, soldRuns);
  else await stores.timetable.replace(importOf(timetable), { soldRuns });
  const versions = policies.length > 0 ? policies : [firstPolicyVersion(settingIn(config)(firstPolicy))];
  for (const [n, { from, policy }] of versions.entries()) await stores.policies.add(n, from, policy);
  return versions[0]!.policy;
}

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

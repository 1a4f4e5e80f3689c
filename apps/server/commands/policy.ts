/** `chepiao policy`: the railway's rules, looked at, compared, and put in force while the platform sells. */
import { readFileSync } from "node:fs";
import { openSqlite, createStores } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { policiesOf, type Policy, type PolicyProfile, policyProfiles, type PolicyVersion } from "@chepiao/contracts";
import {
  type EpochMs,
  formatInZone,
  instantOfClock,
  parseServiceDate,
  parseZone,
  type ZoneName,
} from "@chepiao/kernel";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import { zoneOf } from "@chepiao/runtime";
import { addPolicy, differencesOf, policyNoticeMs, profileNames, readPolicy } from "@chepiao/services/policy";
import { type Config, readConfig } from "../config.ts";
import { type Command, CommandFailed, readArgs, UsageError } from "./command.ts";
import { readFolder } from "./folder.ts";
import { operatorActs, type OperatorTrail } from "./operator.ts";
import { openCommandStores } from "./stores.ts";

const help = `npm run chepiao -- policy check FILE
                          show [FILE|PROFILE|VERSION]
                          diff [FILE|PROFILE|VERSION] FILE|PROFILE|VERSION
                          set FILE|PROFILE [--from DATE] [--dry-run]

The railway's rules: fares and discounts, refunds, limits, sale, documents, currency. A file is JSON by the schema in
packages/contracts/policies/policy.schema.json, or { "extends": "12306", … } with what differs.

  check   says whether a file is right, and what is wrong with it otherwise
  show    prints what is in force, or that file, profile (${profileNames.join(", ")}) or version, in full
  diff    prints what differs; with one, from what is in force
  set     puts it in force: at once (${policyNoticeMs / 1_000} seconds from now, when every process has it), or when that day begins at the
          railway. What has been bought keeps the rules it was bought under.

  --from DATE   2027-01-01
  --dry-run     say what would change, and change nothing

A platform may be running.`;

const options = { from: { type: "string" }, "dry-run": { type: "boolean", default: false } } as const;

export const policyCommand: Command = {
  about: "the railway's rules: check, show, compare, put in force",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [what, ...names] = positionals;
    if (what === "check" && names.length === 1) return check(names[0]!);
    if (what === "show" && names.length <= 1) return show(names[0]);
    if (what === "diff" && (names.length === 1 || names.length === 2)) return diff(names);
    if (what === "set" && names.length === 1)
      return set(names[0]!, { from: values.from ?? null, isTrial: values["dry-run"] });
    throw new UsageError(help);
  },
};

function check(path: string): number {
  const policy = readPolicy(textOf(path));
  if (policy.ok)
    console.log(`${path}: ${policy.value.name.en}, ${policy.value.currency.code}. Nothing is wrong with it.`);
  else console.error([`${path}:`, ...policy.error.map((fault) => `  ${fault}`)].join("\n"));
  return policy.ok ? 0 : 1;
}

async function show(name: string | undefined): Promise<number> {
  const { policy } = await named(name);
  console.log(JSON.stringify(policy, null, 2));
  return 0;
}

async function diff(names: readonly string[]): Promise<number> {
  const [before, after] = names.length === 1 ? [undefined, names[0]] : names;
  const one = await named(before);
  const other = await named(after);
  console.log(`${one.title} → ${other.title}`);
  console.log(differencesText(one.policy, other.policy));
  return 0;
}

async function set(name: string, { from: day, isTrial }: { readonly from: string | null; readonly isTrial: boolean }) {
  const policy = isProfile(name) ? policyProfiles[name] : fromFile(name);
  const clock = createSystemClock();
  await using platform = await openPlatform(readConfig(process.env));
  const from = day === null ? null : dayStart(day, platform.zone);
  const versions = await platform.policies.all();
  const now = clock.now();
  const current = inForce(versions, from ?? now);
  console.log(`Version ${current.version}, in force ${from === null ? "now" : `on ${day}`} → ${name}`);
  console.log(differencesText(current.policy, policy));
  if (policy.currency.code !== current.policy.currency.code)
    throw new CommandFailed("The books are in one currency, and stay in it: another railway is another platform.");
  if (differencesOf(current.policy, policy).length === 0 || isTrial) return 0;
  const added = await operatorActs(
    platform.auditTrail,
    {
      action: "changePolicy",
      what: `put ${name} in force${day === null ? "" : ` from ${day}`}`,
      before: `version ${current.version}`,
    },
    async () => {
      const version = await addPolicy(platform.policies, { policy, from, now, seen: versions.length });
      if (version) return version;
      throw new CommandFailed("Somebody else has put a version in force meanwhile. Look again: policy diff.");
    },
    ({ version }) => `version ${version}`,
  );
  console.log(`Version ${added.version} holds from ${formatInZone(added.from, platform.zone)}.`);
  console.log("Orders that were made before keep their terms.");
  return 0;
}

const differencesText = (before: Policy, after: Policy): string => {
  const differences = differencesOf(before, after);
  if (differences.length === 0) return "  Nothing differs.";
  const said = (value: unknown) => (value === undefined ? "—" : JSON.stringify(value));
  return differences.map(({ path, before: was, after: is }) => `  ${path}: ${said(was)} → ${said(is)}`).join("\n");
};

// Where it comes from ----------------------------------------------------------------------------------------------------

type Named = { readonly title: string; readonly policy: Policy };

/** A profile, a version of the platform's, a file; without a name what is in force. */
async function named(name: string | undefined): Promise<Named> {
  if (name !== undefined && isProfile(name)) return { title: name, policy: policyProfiles[name] };
  if (name !== undefined && !/^\d+$/.test(name)) return { title: name, policy: fromFile(name) };
  await using platform = await openPlatform(readConfig(process.env));
  const versions = await platform.policies.all();
  const { version, policy } =
    name === undefined ? inForce(versions, createSystemClock().now()) : versionIn(versions, Number(name));
  return { title: `version ${version}`, policy };
}

const isProfile = (name: string): name is PolicyProfile => (profileNames as readonly string[]).includes(name);

function versionIn(versions: readonly PolicyVersion[], wanted: number): PolicyVersion {
  const found = versions.find(({ version }) => version === wanted);
  if (!found) throw new CommandFailed(`There is no version ${wanted}: the newest is ${versions.length}.`);
  return found;
}

function inForce(versions: readonly PolicyVersion[], at: EpochMs): PolicyVersion {
  if (versions.length === 0)
    throw new CommandFailed("This platform has no rules yet: it takes them from CHEPIAO_POLICY when it first starts.");
  return policiesOf(versions).at(at);
}

function fromFile(path: string): Policy {
  const policy = readPolicy(textOf(path));
  if (!policy.ok) throw new CommandFailed([`${path}:`, ...policy.error.map((fault) => `  ${fault}`)].join("\n"));
  return policy.value;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function dayStart(text: string, zone: ZoneName): EpochMs {
  const date = parseServiceDate(text);
  if (!date) throw new UsageError(`--from takes a day such as 2027-01-01, and is "${text}".`);
  return instantOfClock(date, 0, zone);
}

type OpenPlatform = AsyncDisposable & {
  readonly policies: PolicyStore;
  readonly auditTrail: OperatorTrail;
  readonly zone: ZoneName;
};

/** Beside a platform that runs: one row is written, and nothing else is looked at. */
async function openPlatform(config: Config): Promise<OpenPlatform> {
  await using cleanUp = new AsyncDisposableStack();
  const stores =
    config.engines === "embedded"
      ? createStores(cleanUp.use(await openSqlite(readFolder(config).database)))
      : cleanUp.use(await openCommandStores(config)).stores;
  const zone = await zoneIn(stores.timetable);
  const kept = cleanUp.move();
  return {
    policies: stores.policies,
    auditTrail: stores.auditTrail,
    zone,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const zoneIn = async (timetable: TimetableStore): Promise<ZoneName> =>
  (await timetable.version()) === 0 ? parseZone("UTC")! : zoneOf(timetable);

/** `chepiao backup`: copies of a platform's data folder, made while it sells, encrypted, tried and thrown away in time. */
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createSystemClock } from "@chepiao/adapters/system";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import {
  backupsIn,
  assertBackup,
  expired,
  isLater,
  type Keeping,
  lockBackups,
  remove,
  type Backup,
} from "../../backup/backups.ts";
import { takeBackup } from "../../backup/take.ts";
import { forgetVerified, contentsOf, noteVerified } from "../../backup/verified.ts";
import { tryBackup } from "../../backup/verify.ts";
import { type Config, readConfig } from "../../config.ts";
import { type Command, CommandFailed, readArgs, UsageError } from "../command.ts";
import { readFolder } from "../folder.ts";

const help = `npm run chepiao -- backup TO [--recipient=age1…] [--keep=N] [--keep-days=D]
                       backup verify BACKUP [--identity=FILE] [--keys=FILE]
                       backup list TO
                       backup key FILE

backup TO      takes a backup of the data folder while the platform sells, into a folder of its own within TO. All that
               was answered before the moment that it prints is in it. It is there as a whole or not at all
  --recipient  encrypts it, for whoever has the identity of this recipient; then the platform's keys are in it, too.
               Without it, whoever has it reads names, and the keys are not in it: keep a copy of them elsewhere
  --keep       then deletes all but the newest N; --keep-days, those older than D days; with both, what neither wants.
               The newest that was verified always stays, and while none was verified nothing is deleted. The one
               just made stays, too, and so do those of a later moment than now, which are not counted
verify BACKUP  restores it into a folder that is thrown away, wakes it up and audits the invariants; says how long that
               took. No bank and no passenger hears of it. Until it is good again it counts as not verified. --identity: as in the file of \`backup key\`; --keys: of one
               that is not encrypted, the platform's keys
list TO        which there are, and which were verified
key FILE       makes an identity, and prints its recipient. Keep FILE where neither the platform nor its backups are:
               without it no backup can be opened. It is a key of age (age-encryption.org)

Of the platform on a data folder (DATA_DIR). More: docs/operations/backup.md`;

const options = {
  recipient: { type: "string" },
  keep: { type: "string" },
  "keep-days": { type: "string" },
  identity: { type: "string" },
  keys: { type: "string" },
} as const;
type Values = { readonly [Name in keyof typeof options]?: string };

export const backupCommand: Command = {
  about: "take a backup while selling, try it, and delete old ones",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [first, second, ...rest] = positionals;
    const only = (...allowed: (keyof Values)[]) => {
      const given = Object.keys(values) as (keyof Values)[];
      if (rest.length > 0 || given.some((name) => !allowed.includes(name))) throw new UsageError(help);
    };
    const named = () => {
      if (second === undefined) throw new UsageError(help);
      return second;
    };
    switch (first) {
      case "verify":
        only("identity", "keys");
        return verify(readConfig(process.env), named(), values);
      case "list":
        only();
        return list(named());
      case "key":
        only();
        return makeKey(named());
      default:
        only("recipient", "keep", "keep-days");
        if (first === undefined || second !== undefined) throw new UsageError(help);
        return take(readConfig(process.env), first, values);
    }
  },
};

async function take(config: Config, to: string, values: Values): Promise<number> {
  const keeping: Keeping = { count: wholeOf("keep", values.keep), days: wholeOf("keep-days", values["keep-days"]) };
  if (config.engines !== "embedded")
    throw new CommandFailed(
      "This is for a platform on a data folder; a cluster's databases are backed up by their own means.",
    );
  const clock = createSystemClock();
  const { name, manifest } = await takeBackup({
    files: readFolder(config),
    to,
    recipient: values.recipient ?? null,
    clock,
  });
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(join(resolve(to), name));
  console.log(
    `All that was answered before ${manifest.at} is in it: ${manifest.position} records of the log, ${megabytes(bytes)}.`,
  );
  if (values.recipient === undefined) console.log("It is not encrypted, and the platform's keys are not in it.");
  await expire(to, keeping, clock.now(), name);
  return 0;
}

/** Each is said by its name. */
async function expire(to: string, keeping: Keeping, now: number, made: string): Promise<void> {
  if (keeping.count === null && keeping.days === null) return;
  using locks = new DisposableStack();
  locks.use(await lockBackups(to));
  const backups = await backupsIn(to);
  for (const each of expired(backups, keeping, now, made)) {
    await remove(to, each);
    console.log(`Deleted ${each.name}.`);
  }
  for (const each of backups.filter((backup) => isLater(backup, now)))
    console.log(`${each.name} is of a later moment than now, so it is not counted, and it stays: see to the clock.`);
  if (!backups.some((each) => each.verified && !isLater(each, now)))
    console.log("None was verified, so none is deleted: `chepiao backup verify BACKUP`.");
}

async function verify(config: Config, from: string, values: Values): Promise<number> {
  assertBackup(from);
  await forgetVerified(from);
  const contents = await contentsOf(from);
  const trial = await tryBackup({
    config,
    from,
    identityFile: values.identity ?? null,
    keysFile: values.keys ?? null,
  });
  const { manifest, orders, tickets, restoredMs, readyMs, wrong } = trial;
  for (const each of wrong) console.log(each);
  if (wrong.length > 0)
    throw new CommandFailed(`${from} is no good: ${wrong.length} things are wrong. Take another backup.`);
  const now = createSystemClock().now();
  await noteVerified(from, { at: new Date(now).toISOString(), restoredMs, readyMs }, contents);
  const lost = Math.max(0, Math.round((now - Date.parse(manifest.at)) / 60_000));
  console.log(`${from} is good: ${orders} orders with ${tickets} tickets, and no invariant is broken.`);
  console.log(`RPO: nothing of what was answered before ${manifest.at} is lost, ${lost} minutes ago.`);
  console.log(
    `RTO: ${seconds(restoredMs + readyMs)}, of them ${seconds(restoredMs)} to restore it and ${seconds(readyMs)} to wake up.`,
  );
  return 0;
}

async function list(to: string): Promise<number> {
  const backups = await backupsIn(to).catch(() => {
    throw new CommandFailed(`There is no folder ${resolve(to)}.`);
  });
  for (const each of backups) console.log(lineOf(each));
  if (backups.length === 0) console.log(`There is no backup in ${resolve(to)}.`);
  return 0;
}

const lineOf = ({ name, verified }: Backup) =>
  `${name}   ${verified ? `verified ${verified.at}, ready after ${seconds(verified.restoredMs + verified.readyMs)}` : "not verified"}`;

/** Never over a file that is there. */
async function makeKey(path: string): Promise<number> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const file = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(
      error.code === "EEXIST" ? `${path} is there already, and stays.` : `${path} cannot be written: ${error.message}`,
    );
  });
  try {
    await file.writeFile(`# recipient: ${recipient}\n${identity}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  console.log(recipient);
  return 0;
}

function wholeOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new UsageError(`--${name} is a whole number of at least 1, not "${text}".`);
  return value;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * A backup is taken while people buy, pay, change and give back; then the machine is lost. What was restored wakes up, has all that was
 * answered before the moment of the backup, and I1 to I4, I6 and I8 hold on it. And whatever is wrong with a backup is said, and nothing is left behind.
 */
import { afterAll, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createSystemClock } from "@chepiao/adapters/system";
import { createPrng } from "@chepiao/kernel";
import type { Manifest } from "./backup/manifest.ts";
import { tryBackup } from "./backup/verify.ts";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { backupCommand } from "./commands/backup/index.ts";
import { restoreCommand } from "./commands/restore.ts";
import { audit, seatsAreTickets } from "./testing/audit.ts";
import { runInFolder } from "./testing/command.ts";
import { createAnswers, travel } from "./testing/passengers.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";
import { statesAreTold } from "./testing/told.ts";
import { createWorld, freePort, startServer } from "./testing/world.ts";

const root = mkdtempSync(join(tmpdir(), "chepiao-backup-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...names: string[]) => join(root, ...names);
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const seatCount = 40;
const soldMin = 80;
const restMs = 60_000;

const backup = (dataDir: string, ...args: string[]) => runInFolder(backupCommand, dataDir, args);
const restore = (...args: string[]) => runInFolder(restoreCommand, "nowhere", args);
const newest = (backups: string) =>
  join(
    backups,
    readdirSync(backups)
      .filter((name) => name.endsWith("Z"))
      .sort()
      .at(-1)!,
  );

async function until(holds: () => boolean) {
  const end = Date.now() + restMs;
  while (!holds() && Date.now() < end) await Bun.sleep(50);
}

test("I1 I2 I3 I4 I6 I8 what was answered before a backup that was taken in the middle of a sale is there after the machine was lost", async () => {
  const settings = policySetting(timeToPay(4));
  const world = await createWorld({ userCount: 16, passengersPerUser: 4, trainCount: 4, stationCount: 6, composition });
  const record = createAnswers();
  const server = await startServer(world, freePort(), settings);
  let goOn = true;
  const crowd = { world, url: server.url, record, seatClass: "second" as const, goOn: () => goOn };
  const people = world.users.map((user, n) => travel(crowd, user, createPrng(n)));
  const identity = at("identity.txt");
  const { text: recipient } = await backup(world.dataDir, "key", identity);
  const backups = at("sold");

  await until(() => record.accepted.size > soldMin);
  const before = new Map(record.accepted);
  // A process of its own, as an operator has it: ours has the passengers.
  const made =
    await Bun.$`${process.execPath} ${resolve(import.meta.dir, "main.ts")} backup ${backups} --recipient=${recipient}`
      .env({ PATH: process.env["PATH"], DATA_DIR: world.dataDir })
      .text();
  expect(made).toContain("All that was answered before");
  await until(() => record.accepted.size > before.size + 30);
  goOn = false;
  await Promise.all(people);
  await server.kill();
  world.remove();

  const verified = await backup("nowhere", "verify", newest(backups), "--identity", identity);
  expect(verified).toMatchObject({ exit: 0, text: expect.stringMatching(/is good: \d+ orders[^]*RPO[^]*RTO/) });
  expect((await backup("nowhere", "list", backups)).text).toContain("ready after");

  const dataDir = at("restored");
  expect(await restore(newest(backups), "--into", dataDir, "--identity", identity)).toMatchObject({ exit: 0 });
  expect([statSync(dataDir).mode & 0o777, statSync(join(dataDir, "keys.json")).mode & 0o777]).toEqual([0o700, 0o600]);
  const again = await startServer({ dataDir }, freePort(), settings);
  const told = { accepted: before, sent: record.sent };
  await until(() => audit(dataDir, told).length === 0);
  const seats = await seatsAreTickets(dataDir, again.url, { second: seatCount }, world);
  expect(await again.stop()).toBe(0);
  expect([...record.wrong, ...seats, ...audit(dataDir, told), ...statesAreTold(dataDir)]).toEqual([]);
}, 240_000);

/** A small platform that stands still, with a backup that is encrypted and one that is not. */
const small = (async () => {
  const world = await createWorld({ userCount: 2, passengersPerUser: 1, trainCount: 1, stationCount: 3, composition });
  await (await openFileLog(join(world.dataDir, "log"), createSystemClock()))[Symbol.asyncDispose]();
  const identity = at("small.txt");
  const { text: recipient } = await backup(world.dataDir, "key", identity);
  mkdirSync(join(world.dataDir, "security"), { mode: 0o700 });
  writeFileSync(join(world.dataDir, "security", "2026-11-30.jsonl"), "{}\n");
  for (const [name, ...args] of [["plain"], ["sealed", `--recipient=${recipient}`]] as const)
    expect(await backup(world.dataDir, at(name), ...args)).toMatchObject({ exit: 0 });
  const keys = join(world.dataDir, "keys.json");
  return { ...world, identity, recipient, keys, plain: newest(at("plain")), sealed: newest(at("sealed")) };
})();
afterAll(async () => (await small).remove());

let folders = 0;
const fresh = () => at(`into-${folders++}`);

test("a backup for everybody has no keys in it, and one for a recipient has; each comes back as it was", async () => {
  const { dataDir, plain, sealed, identity, keys } = await small;
  expect(existsSync(join(plain, "keys.json.gz"))).toBe(false);
  const [one, other] = [fresh(), fresh()];
  expect(await restore(plain, "--into", one, "--keys", keys)).toMatchObject({ exit: 0 });
  mkdirSync(join(other, "lost+found"), { recursive: true });
  expect(await restore(sealed, "--into", other, "--identity", identity)).toMatchObject({ exit: 0 });
  for (const name of ["keys.json", join("security", "2026-11-30.jsonl")])
    for (const into of [one, other]) expect(readFileSync(join(into, name))).toEqual(readFileSync(join(dataDir, name)));
  expect(readFileSync(join(sealed, "chepiao.db.gz.age")).includes("SQLite format")).toBe(false);
  expect(await backup(dataDir, "verify", plain, "--keys", keys)).toMatchObject({ exit: 0 });
}, 60_000);

/** What is refused changes nothing: the folder is as it was before, or is not there. */
async function isRefused(args: readonly string[], why: string | RegExp) {
  const into = fresh();
  const { exit, text } = await restore(...args, "--into", into);
  expect({ exit, text, left: existsSync(into) }).toEqual({ exit: 1, text: expect.stringMatching(why), left: false });
}

test("a folder that is not empty, wrong keys, and what is no backup are refused by what to do about it", async () => {
  const { dataDir, plain, sealed, identity, keys } = await small;
  expect(await restore(plain, "--into", dataDir, "--keys", keys)).toMatchObject({
    exit: 1,
    text: expect.stringContaining("is not empty"),
  });
  const [others, strange] = [at("others.txt"), at("strange.json")];
  await backup(dataDir, "key", others);
  expect(await backup(dataDir, "key", others)).toMatchObject({ exit: 1, text: expect.stringContaining("stays") });
  await isRefused([sealed, "--identity", others], "not made for this identity");
  await isRefused([sealed], "--identity FILE");
  await isRefused([sealed, "--identity", keys], "no AGE-SECRET-KEY");
  await isRefused([plain], "--keys FILE");
  const other = await createWorld({ userCount: 0, passengersPerUser: 1, trainCount: 1, stationCount: 3, composition });
  copyFileSync(join(other.dataDir, "keys.json"), strange);
  other.remove();
  await isRefused([plain, "--keys", strange], "another platform's");
  await isRefused([plain, "--keys", identity], "damaged");
  await isRefused([at("nowhere")], "is no backup");
  await isRefused([`${sealed}.partial`, "--identity", identity], "is no backup");
  expect(await backup(dataDir, at("bad"), "--recipient=age1nobody")).toMatchObject({
    exit: 1,
    text: expect.stringContaining("is no recipient"),
  });
  expect(await backup(dataDir, at("bad"), "--keep=0")).toMatchObject({ exit: 2 });
  expect(await backup(at("nothing"), at("bad"))).toMatchObject({ exit: 1 });
  expect(existsSync(at("bad"))).toBe(false);
});

test("a file that is cut, damaged, exchanged or gone is found, whichever it is", async () => {
  const { plain, sealed, keys, identity } = await small;
  for (const [from, ...args] of [
    [plain, "--keys", keys],
    [sealed, "--identity", identity],
  ] as const)
    for await (const name of new Bun.Glob("**/*.{gz,age}").scan({ cwd: from }))
      for (const harm of ["cut", "flip", "grow", "gone"] as const) {
        const copy = at("harmed");
        cpSync(from, copy, { recursive: true });
        const path = join(copy, name);
        const bytes = statSync(path).size;
        if (harm === "cut") truncateSync(path, bytes - 9);
        if (harm === "gone") rmSync(path);
        if (harm === "grow") appendFileSync(path, readFileSync(path));
        if (harm === "flip") {
          const content = readFileSync(path);
          for (let n = 0; n < bytes; n += 7) content[n]! ^= 0x10;
          writeFileSync(path, content);
        }
        const into = fresh();
        const { exit, text } = await restore(copy, "--into", into, ...args);
        expect({ name, harm, exit, left: existsSync(into) }).toEqual({ name, harm, exit: 1, left: false });
        expect(text).toMatch(/another backup|is no backup|not made for this identity/);
        rmSync(copy, { recursive: true });
      }
}, 60_000);

test("a backup of a newer version, and one that names files elsewhere, are refused before anything is written", async () => {
  const { plain, keys } = await small;
  const told = async (change: (manifest: Manifest) => object, why: string) => {
    const copy = at("told");
    cpSync(plain, copy, { recursive: true });
    const path = join(copy, "manifest.json.gz");
    const manifest = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Manifest;
    writeFileSync(path, gzipSync(JSON.stringify({ ...manifest, ...change(manifest) })));
    await isRefused([copy, "--keys", keys], why);
    rmSync(copy, { recursive: true });
  };
  const outside = { name: "../outside", bytes: 0, sha256: "" };
  await told(() => ({ format: 2 }), "newer version");
  await told(({ migrations }) => ({ migrations: [...migrations, "9999-from-later"] }), "newer version");
  await told(({ files }) => ({ files: [...files, outside] }), "no part of a platform");
  await told(({ files }) => ({ files: [...files, files[0]] }), "no part of a platform");
  await told(() => ({ files: [] }), "no database");
  await told(() => ({ files: null }), "damaged");
});

test("a folder into which not all was restored is nothing to start on, and nothing to take a backup of", async () => {
  const { plain, keys } = await small;
  const dataDir = fresh();
  await restore(plain, "--into", dataDir, "--keys", keys);
  writeFileSync(join(dataDir, "restore-unfinished"), "");
  expect(() => openDataFolder(dataDir)).toThrow("not all of it is there");
  const refused = async (why: string) =>
    expect(await backup(dataDir, at("of half"))).toMatchObject({ exit: 1, text: expect.stringContaining(why) });
  await refused("not all of it is there");
  expect(existsSync(at("of half"))).toBe(false);
  rmSync(join(dataDir, "restore-unfinished"));
  rmSync(join(dataDir, "log"), { recursive: true });
  await refused("There is no log");
  expect(readdirSync(at("of half")).filter((name) => name.startsWith("chepiao-"))).toEqual([]);
});

test("where the disk is full or the backup is broken off, nothing is left that looks like one, and the next one clears it away", async () => {
  const { dataDir, identity, recipient } = await small;
  const backups = at("full");
  const main = resolve(import.meta.dir, "main.ts");
  const command = [process.execPath, main, "backup", backups, `--recipient=${recipient}`];
  const env = { PATH: process.env["PATH"]!, DATA_DIR: dataDir };
  // Files may not be longer than some blocks: the fullest disk that a test can have without being root.
  const full = Bun.spawn(["sh", "-c", `ulimit -f 40; trap '' XFSZ; exec "$@"`, "sh", ...command], {
    env,
    stderr: "pipe",
  });
  expect(await full.exited).not.toBe(0);
  expect(readdirSync(backups).filter((name) => name.endsWith("Z"))).toEqual([]);

  const killed = Bun.spawn(command, { env });
  await until(() => killed.exitCode !== null || readdirSync(backups).some((name) => name.endsWith(".partial")));
  killed.kill("SIGKILL");
  await killed.exited;
  for (const name of readdirSync(backups).filter((each) => each.endsWith("Z")))
    expect(await backup(dataDir, "verify", join(backups, name), "--identity", identity)).toMatchObject({ exit: 0 });

  expect(await backup(dataDir, backups, `--recipient=${recipient}`)).toMatchObject({ exit: 0 });
  expect(readdirSync(backups).filter((name) => name.includes("partial"))).toEqual([]);
  expect(readdirSync(dataDir)).not.toContain("backup-scratch");
}, 60_000);

test("old ones go when a new one was made, once one was verified", async () => {
  const { dataDir, keys } = await small;
  const backups = at("kept");
  for (let n = 0; n < 3; n++) expect(await backup(dataDir, backups, "--keep=1")).toMatchObject({ exit: 0 });
  const count = () => readdirSync(backups).filter((name) => name.endsWith("Z")).length;
  expect(count()).toBe(3);
  await backup(dataDir, "verify", newest(backups), "--keys", keys);
  const verified = newest(backups);
  for (let n = 0; n < 2; n++) await backup(dataDir, backups, "--keep=1");
  expect(count()).toBe(2);
  expect(existsSync(verified)).toBe(true);
});

test("a backup whose trial fails is verified no more, also when it is as it was before", async () => {
  const { dataDir, plain, keys } = await small;
  const copy = join(at("tried"), basename(plain));
  cpSync(plain, copy, { recursive: true });
  const isVerified = async () => !(await backup(dataDir, "list", at("tried"))).text.includes("not verified");
  const verify = () => backup(dataDir, "verify", copy, "--keys", keys);
  expect([(await verify()).exit, await isVerified()]).toEqual([0, true]);
  const path = join(copy, "chepiao.db.gz");
  const content = readFileSync(path);
  writeFileSync(path, content.toReversed());
  expect([(await verify()).exit, await isVerified()]).toEqual([1, false]);
  writeFileSync(path, content);
  expect(await isVerified()).toBe(false);
}, 60_000);

test("keys that are put beside a restored platform are its owner's alone, and a trial leaves nothing behind, nor what one before it left", async () => {
  const { plain, keys } = await small;
  const [open, into, scratch] = [at("open-keys.json"), fresh(), at("scratch")];
  copyFileSync(keys, open);
  chmodSync(open, 0o640);
  expect(await restore(plain, "--into", into, "--keys", open)).toMatchObject({ exit: 0 });
  expect(statSync(join(into, "keys.json")).mode & 0o777).toBe(0o600);
  mkdirSync(join(scratch, "chepiao-verify-dead", "data"), { recursive: true });
  writeFileSync(join(scratch, "chepiao-verify-dead", "lock.db"), "");
  const trial = await tryBackup({ config: readConfig({}), from: plain, identityFile: null, keysFile: open, scratch });
  expect([trial.wrong, readdirSync(scratch)]).toEqual([[], []]);
}, 60_000);

/** A rehearsal's platform has nothing to do with the operator's own but what it reads, and nothing of it stays, however it ends. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../config.ts";
import { createWorld, type World } from "../testing/world.ts";
import { makeAccounts } from "./accounts.ts";
import { createCrowd } from "./crowd.ts";
import { createOwnPlatform } from "./ownPlatform.ts";

const composition = { code: "HOT", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] }] };
const folder = realpathSync(mkdtempSync(join(tmpdir(), "chepiao-own-platform-")));
/** Where folders for a while are made. */
const scratch = join(folder, "scratch");
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));

let world: World;
beforeAll(async () => {
  world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 2, composition });
  cleanUp.defer(world.remove);
  mkdirSync(scratch);
  setForTests("TMPDIR", scratch);
  // A machine that has other things to do, too, is no overload of ours.
  setForTests("SHED_AFTER_MS", "0");
}, 60_000);

function setForTests(name: string, value: string) {
  const before = process.env[name];
  process.env[name] = value;
  cleanUp.defer(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it went well",
    (error: Error) => error.message,
  );

test("a cluster is asked for its timetable without its keys; where its database is away or not said, nothing is left", async () => {
  const cluster = { CHEPIAO_ENGINES: "cluster", KEYS_FILE: join(folder, "nowhere.json") };
  const away = readConfig({ ...cluster, MYSQL_URL: "mysql://chepiao:chepiao@127.0.0.1:1/chepiao" });
  expect(await failureOf(createOwnPlatform(away))).toContain("MySQL at 127.0.0.1:1/chepiao is away");
  expect(await failureOf(createOwnPlatform(readConfig(cluster)))).toContain("MYSQL_URL is not set");
  expect(readdirSync(scratch)).toEqual([]);
});

test("it starts on engines of its own beside a .env that names others, and whoever ends it as second waits until it is gone", async () => {
  const beside = join(folder, "beside");
  mkdirSync(beside);
  writeFileSync(join(beside, ".env"), "CHEPIAO_ENGINES=cluster\nCHEPIAO_ROLES=bank\n");
  const listeners = process.listenerCount("SIGHUP");
  const before = process.cwd();
  const platform = await createOwnPlatform(readConfig({ DATA_DIR: world.dataDir }));
  try {
    // Its keys are made with it.
    await (await platform.openGround())[Symbol.asyncDispose]();
    process.chdir(beside);
    const { url } = await platform.start();
    expect((await fetch(`${url}/api/search/tickets?from=nowhere&to=nowhere&date=2026-01-01`)).status).toBeLessThan(500);
  } finally {
    process.chdir(before);
    void platform[Symbol.asyncDispose]();
    await platform[Symbol.asyncDispose]();
  }
  expect(readdirSync(scratch)).toEqual([]);
  expect(process.listenerCount("SIGHUP")).toBe(listeners);
  expect(await failureOf(platform.start())).toContain("broken off");
}, 120_000);

test("whoever breaks it off by Ctrl-C, SIGTERM or a closed terminal, even at its beginning, leaves no folder behind", async () => {
  const script = `
    const { createOwnPlatform } = await import(${JSON.stringify(join(import.meta.dir, "ownPlatform.ts"))});
    const { readConfig } = await import(${JSON.stringify(join(import.meta.dir, "../config.ts"))});
    globalThis.held = await createOwnPlatform(readConfig({ DATA_DIR: ${JSON.stringify(world.dataDir)} }));
    setInterval(() => {}, 1000);`;
  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    const child = Bun.spawn([process.execPath, "-e", script], { env: process.env, stderr: "inherit" });
    try {
      while (readdirSync(scratch).length === 0 && child.exitCode === null) await Bun.sleep(2);
      child.kill(signal);
      expect([signal, await child.exited, readdirSync(scratch)]).toEqual([signal, exit, []]);
    } finally {
      child.kill("SIGKILL");
    }
  }
}, 120_000);

test("it can be broken off while accounts are made, by the hundred thousand", async () => {
  await using platform = await createOwnPlatform(readConfig({ DATA_DIR: world.dataDir }));
  await using ground = await platform.openGround();
  const crowd = createCrowd({ people: 401, bots: 0, seed: 1, accountsPerBotDocument: 5 });
  let turnsOfOthers = 0;
  const stopped = setInterval(() => turnsOfOthers++, 0);
  await makeAccounts(ground, crowd, () => {});
  clearInterval(stopped);
  expect(turnsOfOthers).toBeGreaterThan(0);
  expect(existsSync(platform.dataDir)).toBe(true);
}, 60_000);

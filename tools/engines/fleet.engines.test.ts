/**
 * The commands themselves, on a Redis Cluster in a folder of its own: beside the engines that are up, and without
 * touching them. What holds for one engine holds for all, because they are all started, asked and ended by one piece of
 * code; Redis is the one that is up in two seconds.
 */
import { afterAll, expect, test } from "bun:test";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "chepiao-engines-"));
const main = join(import.meta.dir, "main.ts");

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const env = { ...process.env, CHEPIAO_ENGINES_FOLDER: folder };
  const child = Bun.spawn([process.execPath, main, ...args], { env, stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, text: out + err };
}

const ports = (): Record<string, number> => JSON.parse(readFileSync(join(folder, "ports.json"), "utf8"));
const pidOf = async (name: string) => {
  const { text } = await run("status", "redis");
  return new RegExp(`^${name} +\\d+ +(\\d+|-)`, "m").exec(text)?.[1];
};

afterAll(async () => {
  await run("wipe");
  rmSync(folder, { recursive: true, force: true });
});

test("up starts an engine on free ports and says where it is", async () => {
  const { code, text } = await run("up", "redis");
  expect(text).toMatch(/redis +answers after/);
  expect(code).toBe(0);
  const addresses = /REDIS_NODES='(.*)'/.exec(text)?.[1]?.split(",");
  expect(addresses).toEqual([1, 2, 3, 4, 5, 6].map((index) => `127.0.0.1:${ports()[`redis-${index}`]}`));
  expect((await run("status", "redis")).text.match(/master with 1 replica/g)).toHaveLength(3);
});

test("a second up leaves what runs alone", async () => {
  const before = await pidOf("redis-1");
  const { text } = await run("up", "redis");
  expect(text).toMatch(/redis +was up already/);
  expect(await pidOf("redis-1")).toBe(before);
});

test("a paused process is seen to be paused, and answers again when it is resumed", async () => {
  await run("pause", "redis-6");
  const paused = await run("status", "redis");
  expect(paused.text).toMatch(/^redis-6 .* paused$/m);
  expect(paused.code).toBe(1);
  await run("resume", "redis-6");
  expect((await run("status", "redis")).text).not.toContain("paused");
});

test("a killed process is down, and start brings the same one back", async () => {
  const before = await pidOf("redis-5");
  await run("kill", "redis-5");
  expect(await pidOf("redis-5")).toBe("-");
  expect((await run("start", "redis-5")).code).toBe(0);
  const after = await pidOf("redis-5");
  expect(after).toMatch(/^\d+$/);
  expect(after).not.toBe(before!);
});

test("a server whose settings are others now is started anew by up, and only that one", async () => {
  const before = [await pidOf("redis-2"), await pidOf("redis-3")];
  const file = join(folder, "redis-3", "redis.conf");
  const settings = readFileSync(file, "utf8");
  await Bun.write(file, settings.replace("noeviction", "allkeys-lru"));
  const { text } = await run("up", "redis");
  expect(text).toMatch(/redis +answers after/);
  expect(readFileSync(file, "utf8")).toBe(settings);
  expect(await pidOf("redis-2")).toBe(before[0]);
  expect(await pidOf("redis-3")).not.toBe(before[1]!);
});

test("a port that somebody else took while the engines were down is moved, and the cluster is whole again", async () => {
  expect((await run("down", "redis")).code).toBe(0);
  const taken = ports()["redis-1"]!;
  const server = createServer().listen(taken, "127.0.0.1");
  try {
    const { code, text } = await run("up", "redis");
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(ports()["redis-1"]).not.toBe(taken);
    expect((await run("status", "redis")).code).toBe(0);
  } finally {
    server.close();
  }
});

test("a server that cannot start is named, with the end of its log", async () => {
  await run("down", "redis");
  const file = join(folder, "redis-2", "nodes.conf");
  cpSync(file, `${file}.whole`);
  await Bun.write(file, "no such node\n");
  try {
    const { code, text } = await run("up", "redis");
    expect(code).toBe(1);
    expect(text).toContain("redis did not start");
    expect(text).toContain("--- the end of redis-2's log");
    expect(text).toContain("Unrecoverable error: corrupted cluster config file");
  } finally {
    cpSync(`${file}.whole`, file);
  }
});

test("names that are not there are refused with those that are", async () => {
  expect(await run("up", "oracle")).toMatchObject({
    code: 1,
    text: expect.stringContaining("mariadb, sharding-proxy"),
  });
  expect(await run("kill", "redis-9")).toMatchObject({ code: 1, text: expect.stringContaining("redis-1, redis-2") });
  expect(await run("fly")).toMatchObject({ code: 1, text: expect.stringContaining("npm run engines") });
});

test("wipe ends the processes and forgets their data", async () => {
  const { code } = await run("wipe", "redis");
  expect(code).toBe(0);
  expect(existsSync(join(folder, "redis-1"))).toBe(false);
  expect(await pidOf("redis-1")).toBe("-");
});

/** What is given up while a process is too busy, on a clock that is moved by hand, and in a process that really is. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, createMetrics } from "../observe/index.ts";
import type { RouteTable } from "./bind.ts";
import { noteRoutes, serveSample } from "./sample.suite.ts";
import { createLoadLevel, createShedding, type Priority } from "./shedding.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

/** The level after timers that are all so late, for so long. */
function opened(lateMs = 500) {
  const load = createLoadLevel({ lateMs });
  let now = 0;
  function pass(ms: number, ...late: readonly number[]): number {
    const end = now + ms;
    for (let n = 0; now < end; n++) {
      const lateness = late[n % late.length]!;
      load.observe(lateness, (now += 100 + lateness));
    }
    return load.level();
  }
  /** After how many milliseconds the level has come there. */
  function until(isThere: (level: number) => boolean, lateness: number): number {
    const since = now;
    while (!isThere(load.level()) && now - since < 120_000) pass(1, lateness);
    return now - since;
  }
  return { pass, until };
}

test.each([501, 600, 1_000, 2_000, 5_000])(
  "timers that are %i ms late give up the first kind with the second or third of them, and all that may be soon after",
  (lateness) => {
    const { until } = opened();
    const eachMs = 100 + lateness;
    expect(until((level) => level >= 1, lateness)).toBeLessThanOrEqual(3 * eachMs);
    expect(until((level) => level === 3, lateness)).toBeLessThanOrEqual(Math.max(3 * eachMs, 5_000));
  },
);
test("once timers are in time again, all is answered within five seconds", () => {
  const { until } = opened();
  until((level) => level === 3, 800);
  expect(until((level) => level === 0, 1)).toBeWithin(2_500, 5_000);
});
test("timers that are neither late nor calm hold it for a while, and never for good; those that stay late do", () => {
  const { pass, until } = opened();
  until((level) => level === 3, 800);
  expect(pass(4_000, 130)).toBe(3);
  expect(pass(60_000, 800)).toBe(3);
  expect(until((level) => level === 0, 130)).toBeWithin(50_000, 70_000);
});
test("one long step is no overload, however long and however often", () => {
  const { pass } = opened();
  expect(pass(1, 60_000)).toBe(0);
  expect(pass(60_000, 390, 5_000, 0)).toBe(0);
  pass(500, 0);
  expect([pass(1, 600_000), pass(1, 600)]).toEqual([0, 0.7]);
});

/** A timer whose calls come when the test says. */
function open() {
  const time = { ms: 0 };
  let waiting: (() => void) | null = null;
  const timer = {
    now: () => time.ms,
    after(_: number, call: () => void) {
      waiting = call;
      return () => void (waiting = null);
    },
  };
  const lines: string[] = [];
  const observe = {
    logger: createLogger({ level: "info", write: (line) => void lines.push(line) }),
    metrics: createMetrics(),
  };
  const shedding = createShedding({ lateMs: 400, observe, timer });
  const kinds: readonly Priority[] = ["first", "next", "last", "never"];
  const pathOf = (kind: string) => `/${kind}`;
  const table: RouteTable = Object.fromEntries(
    ["other", ...kinds].map((kind) => [pathOf(kind), { GET: () => new Response("answered") }]),
  );
  const declared = new Map(kinds.map((shed) => [`GET ${pathOf(shed)}`, { name: `room.${shed}`, shed }] as const));
  const around = shedding.around(table, { trustProxy: false, declared });
  /** So many timers that are so late. */
  function pass(timers: number, lateMs: number) {
    for (let n = 0; n < timers; n++) {
      time.ms += 100 + lateMs;
      waiting?.();
    }
  }
  const server = { requestIP: () => ({ address: "203.0.113.5" }) };
  async function answers(kind: string, count = 4) {
    const request = () => Object.assign(new Request(`http://site${pathOf(kind)}`), { params: {} });
    const all: Response[] = [];
    for (let n = 0; n < count; n++) all.push(await around[pathOf(kind)]!.GET!(request(), server));
    return all;
  }
  const answered = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.keys(table).map(async (path) => {
          const all = await answers(path.slice(1));
          return [path.slice(1), all.filter(({ status }) => status === 200).length];
        }),
      ),
    );
  return { pass, answers, answered, lines, observe, isWaiting: () => waiting !== null, shedding };
}

test("the least needed goes first, and what is never given up is answered in the worst of it", async () => {
  const { pass, answers, answered, observe, lines } = open();
  const all = { other: 4, first: 4, next: 4, last: 4, never: 4 };
  pass(10, 0);
  expect(await answered()).toEqual(all);
  // Of timers that are half a second late the second counts, and each gives up as much as 600 ms do.
  pass(2, 400.1);
  expect(await answered()).toEqual({ ...all, first: 2 });
  pass(1, 400.1);
  expect(await answered()).toEqual({ ...all, first: 0 });
  pass(1, 400.1);
  expect(await answered()).toEqual({ ...all, first: 0, next: 2 });
  pass(10, 500);
  // One in ten is answered still.
  expect(await answered()).toEqual({ ...all, first: 0, next: 0, last: 1 });
  const refused = await answers("last", 5);
  expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  expect(new Set(refused.map(({ headers }) => headers.get("retry-after")))).toEqual(new Set(["2", "3", "4", "5", "6"]));
  expect(await refused[0]!.json()).toMatchObject({
    code: "Overloaded",
    title: "系统繁忙，请稍后重试。",
    retry: "later",
  });
  const text = await observe.metrics.text();
  expect(text).toContain("shedding_level 3");
  expect(text).toMatch(/requests_shed_total\{route="room\.first",reason="busy"\} 14/);
  expect(text).not.toContain("room.never");
  pass(100, 0);
  expect(await answered()).toEqual(all);
  expect(lines.map((line) => (JSON.parse(line) as { level: string; message: string }).message)).toEqual([
    "too busy: what is asked waits 400 ms; what is least needed is not answered",
    "everything is answered again",
  ]);
});

test("what another thread passes on is given up as at the public door", async () => {
  const { shedding, pass } = open();
  const folder = mkdtempSync(join(tmpdir(), "shedding-"));
  const inner = join(folder, "core.sock");
  const { list } = noteRoutes;
  const { server } = serveSample({ shedding, inner, described: [{ list: { ...list, shed: "first" } }] });
  cleanUp.push(server.stop, () => rmSync(folder, { recursive: true }));
  const statuses = async () => [
    (await fetch(`${server.url}${list.path}`)).status,
    (await fetch(`http://core${list.path}`, { unix: inner })).status,
    (await fetch("http://core/readyz", { unix: inner })).status,
  ];
  expect(await statuses()).toEqual([200, 200, 200]);
  pass(10, 500);
  expect(await statuses()).toEqual([503, 503, 200]);
});

test("nothing is watched any more once it is closed", () => {
  const { shedding, isWaiting } = open();
  expect(isWaiting()).toBe(true);
  shedding[Symbol.dispose]();
  expect(isWaiting()).toBe(false);
});

test("a process that is too busy answers what is always answered, says when to come again to the rest, and recovers", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "busyServer.ts")], { stdout: "pipe" });
  cleanUp.push(async () => {
    child.kill();
    await child.exited;
  });
  const reader = child.stdout.getReader();
  const url = Buffer.from((await reader.read()).value!)
    .toString()
    .trim();
  let goOn = true;
  const seen = { shed: 0, always: [] as number[] };
  // Each takes 40 ms of the one thread: ten of them keep whatever comes waiting for four times as long as is too late there.
  const busy = Array.from({ length: 10 }, async () => {
    while (goOn) {
      const answer = await fetch(`${url}/api/work/always`);
      await answer.bytes();
      seen.always.push(answer.status);
    }
  });
  const asked = async () => {
    const answer = await fetch(`${url}/api/work/least`, { headers: { "accept-language": "en" } });
    return { status: answer.status, after: Number(answer.headers.get("retry-after")), body: await answer.json() };
  };
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    const { status, after, body } = await asked();
    if (status === 200) continue;
    expect({ status, body }).toMatchObject({ status: 503, body: { code: "Overloaded" } });
    expect(after).toBeWithin(2, 7);
    seen.shed++;
    break;
  }
  goOn = false;
  await Promise.all(busy);
  expect(seen.shed).toBe(1);
  expect(seen.always.every((status) => status === 200)).toBe(true);
  let last = 0;
  for (const until = Date.now() + 60_000; last < 5 && Date.now() < until; await Bun.sleep(100))
    last = (await asked()).status === 200 ? last + 1 : 0;
  expect(last).toBe(5);
}, 150_000);

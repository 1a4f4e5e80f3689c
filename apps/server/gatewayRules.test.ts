/** Rules for requests, on real listeners: set while they are asked, in one process with one and two threads, and at a gateway of its own. */
import { afterAll, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { epochMs, minuteMs } from "@chepiao/kernel";
import { gatewayCommand } from "./commands/gateway/index.ts";
import { untilWithin } from "./testing/asking.ts";
import { runInFolder } from "./testing/command.ts";
import { createCluster } from "./testing/roles.ts";
import { createWorld, freePort, startServer } from "./testing/world.ts";

const composition = { code: "RULES", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const folder = mkdtempSync(join(tmpdir(), "chepiao-rules-"));
cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
const until = untilWithin(60_000);

async function open() {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 2, composition });
  cleanUp.defer(world.remove);
  const chepiao = (...args: readonly string[]) => runInFolder(gatewayCommand, world.dataDir, ["rules", ...args]);
  let files = 0;
  const fileOf = (...rows: readonly string[]) => {
    const path = join(folder, `rules ${++files}.csv`);
    writeFileSync(path, ["route,who,per minute,burst", ...rows, ""].join("\n"));
    return path;
  };
  return { world, chepiao, fileOf };
}

/** How many of 30 searches are let through. Each address asks once, so that no try before counts. */
let addresses = 0;
async function passedOf30(url: string, path = "/api/search/calendar", method = "GET") {
  const from = `203.0.113.${++addresses % 250}`;
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => fetch(url + path, { method, headers: { "x-forwarded-for": from } })),
  );
  return answers.filter(({ status }) => status !== 429).length;
}

test.each([1, 2])("are in force beside who asks, and taken back, in a process with %i threads", async (threads) => {
  const { world, chepiao, fileOf } = await open();
  const metricsPort = freePort();
  const server = await startServer(world, freePort(), {
    TRUST_PROXY: "1",
    WORKERS: String(threads),
    METRICS_PORT: String(metricsPort),
  });
  cleanUp.defer(() => server.kill());
  expect(await passedOf30(server.url)).toBe(30);
  expect(await chepiao("history")).toEqual({ exit: 0, text: expect.stringContaining("ever set") });

  const file = fileOf("search.calendar,address,60,2", "user.login,both,60,3");
  expect(await chepiao("set", file)).toMatchObject({ exit: 0, text: expect.stringContaining("Version 1: 2 rules") });
  // Threads share the connections out, and each counts by itself.
  expect(
    await until(
      () => passedOf30(server.url),
      (passed) => passed <= 2 * threads,
    ),
  ).toBeWithin(2, 2 * threads + 1);
  // What another thread passes on is counted where it is answered.
  const logins = () => passedOf30(server.url, "/api/user/login", "POST");
  expect(await until(logins, (passed) => passed <= 3 * threads)).toBeWithin(3, 3 * threads + 1);
  expect(await chepiao("show")).toMatchObject({
    text: "route,who,per minute,burst\nsearch.calendar,address,60,2\nuser.login,both,60,3",
  });
  expect(await chepiao("set", file)).toMatchObject({ text: expect.stringContaining("in force already") });
  const metrics = await (await fetch(`http://localhost:${metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/gateway_rule_refusals_total\{route="search\.calendar",who="address"\} [1-9]/);

  const wrong = fileOf("search.calendar,address,60,2", "search.nothing,address,1,1", "search.days,nobody,1,1");
  const refused = await chepiao("set", wrong);
  expect(refused.exit).toBe(1);
  expect(refused.text).toMatch(/nothing of it is in force\.\n {2}line 3: .*no route.*\n {2}line 4: who is one of/);
  expect((await chepiao("show")).text).toContain("search.calendar,address,60,2");

  expect(await chepiao("undo")).toMatchObject({ exit: 0, text: "Version 2: back to no rules." });
  expect(
    await until(
      () => passedOf30(server.url),
      (passed) => passed === 30,
    ),
  ).toBe(30);
  expect((await chepiao("history")).text).toMatch(/2 .* back to no rules\n1 .* 2 rules/);
  expect(await chepiao("undo")).toMatchObject({ exit: 1, text: expect.stringContaining("nothing to bring back") });
});

test("of two operators at once neither undoes nor overwrites what the other has done", async () => {
  const { chepiao, fileOf } = await open();
  const [first, second, third] = [1, 2, 3].map((n) => fileOf(`search.calendar,address,60,${n}`));
  expect(await chepiao("set", first!, "--after", "0")).toMatchObject({ exit: 0 });
  expect(await chepiao("set", second!, "--after", "1")).toMatchObject({ exit: 0 });
  // Who made his file from version 1 has not seen version 2.
  const late = await chepiao("set", third!, "--after", "1");
  expect(late.exit).toBe(1);
  expect(late.text).toMatch(/Version 1 is not what is in force.*\nVersion 2: 1 rule, set by \S+.* at \d{4}-/);
  expect(await chepiao("undo", "--of", "1")).toMatchObject({ exit: 1, text: expect.stringContaining("not what is") });
  expect(await chepiao("undo")).toMatchObject({ exit: 0, text: "Version 3: back to version 1: 1 rule." });
  const again = await chepiao("undo");
  expect(again.exit).toBe(1);
  expect(again.text).toMatch(
    /just taken rules back.*\nVersion 3: back to version 1: 1 rule, set by .*\n.*undo --of 3\./,
  );
  const beside: string[] = [];
  const error = spyOn(console, "error").mockImplementation((line: string) => void beside.push(line));
  expect((await chepiao("show")).text).toBe("route,who,per minute,burst\nsearch.calendar,address,60,1");
  error.mockRestore();
  expect(beside).toEqual([expect.stringMatching(/^Version 3: back to version 1: 1 rule, set by /)]);
  expect(await chepiao("undo", "--of", "3")).toMatchObject({ exit: 0, text: "Version 4: back to no rules." });
  for (const args of [
    ["undo", "--after", "1"],
    ["show", "--of", "1"],
    ["undo", "--of", "0"],
  ])
    expect([args, (await chepiao(...args)).exit]).toEqual([args, 2]);
});

test("a dry run counts what was asked, and changes nothing", async () => {
  const { world, chepiao, fileOf } = await open();
  const file = fileOf("search.tickets,address,60,10", "search.days,both,60,10");
  expect(await chepiao("dry-run", file)).toMatchObject({ exit: 1, text: expect.stringContaining("No request") });
  await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
  const { gatewayRules } = createStores(database);
  const routes = [
    { route: "search.tickets", who: "address" as const, buckets: [[500, 700] as const, [1, 900] as const] },
  ];
  const tell = (minutesAgo: number, source: string) =>
    gatewayRules.addUsage(
      { minute: epochMs(Date.now() - minutesAgo * minuteMs), spanMs: minuteMs, source, routes, uncounted: 7 },
      epochMs(0),
    );
  await tell(3, "one");
  await tell(3, "two");
  await tell(40, "one");
  const { text } = await chepiao("dry-run", file);
  expect(text).toMatch(/search\.tickets address +60 +10 +3200 +1660 +2\n/);
  expect(text).toMatch(/search\.days both +60 +10 +0 +0 +0\n/);
  expect(text).toContain("14 requests of further askers");
  expect((await chepiao("dry-run", file, "--minutes", "60")).text).toMatch(/ 4800 +2490 +3\n/);
  expect((await chepiao("show")).text).toBe("route,who,per minute,burst");
  expect((await chepiao("dry-run", file, "--minutes", "121")).exit).toBe(2);
  expect((await chepiao("set")).exit).toBe(2);
});

test("a gateway of its own hears of them from the role that has the database, and keeps them while that is away", async () => {
  const { world, chepiao, fileOf } = await open();
  const places = [
    "user",
    "search",
    "order",
    "inventory",
    "payment",
    "waitlist",
    "notification",
    "operations",
    "queue",
    "challenges",
    "bank",
  ];
  await using cluster = await createCluster(
    world,
    Object.fromEntries(["gateway", ...places].map((role) => [role, role])),
    { TRUST_PROXY: "1" },
  );
  const [, search] = await Promise.all(
    ["gateway", "search", "inventory"].map(async (place) => {
      const process = cluster.start(place);
      await process.opened;
      return process;
    }),
  );
  expect(await passedOf30(cluster.gatewayUrl)).toBe(30);
  expect(await chepiao("set", fileOf("search.calendar,address,60,5"))).toMatchObject({ exit: 0 });
  expect(
    await until(
      () => passedOf30(cluster.gatewayUrl),
      (passed) => passed === 5,
    ),
  ).toBe(5);
  await search!.stop();
  expect(await passedOf30(cluster.gatewayUrl)).toBe(5);
});

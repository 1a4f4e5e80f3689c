/** A queue on the platform in one process: announced beside people who buy, drawn, let in, checked by anybody, kept through a kill, and ended. */
import { afterAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueueDraw, QueuePlace, QueueStatus, QueueTurn } from "@chepiao/contracts";
import type { QueueFairness } from "./commands/queue/fairness.ts";
import { queueCommand } from "./commands/queue/index.ts";
import { verifyDrawCommand } from "./commands/verifyDraw.ts";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { runInFolder } from "./testing/command.ts";
import { createWorld, freePort, startServer, type TestUser } from "./testing/world.ts";

const composition = { code: "QUEUE", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 4 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const folder = mkdtempSync(join(tmpdir(), "chepiao-queue-"));
cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));

const until = untilWithin(60_000);

async function open() {
  const world = await createWorld({ userCount: 4, passengersPerUser: 1, trainCount: 2, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const port = freePort();
  let server = await startServer(world, port);
  cleanUp.defer(() => server.kill());
  const call = createCaller(() => server.url);
  const buy = async (user: TestUser, train: number, headers = {}) => {
    const order = {
      trainNumber: world.trains[train],
      originDate: world.date,
      from: "S0",
      to: "S2",
      seatClass: "second",
      passengers: [{ passengerId: user.passengerIds[0] }],
    };
    return call<{ orderNo?: string }>(user, "POST", "/api/order", order, headers);
  };
  return {
    world,
    call,
    buy,
    url: server.url,
    async restart() {
      await server.kill();
      server = await startServer(world, port);
    },
    chepiao: (...args: readonly string[]) => runInFolder(queueCommand, world.dataDir, args),
  };
}

test("an opening is announced, drawn, let in by passes, and over; who waited keeps the place through a kill", async () => {
  const { world, call, buy, url, restart, chepiao } = await open();
  const [anna, bert, carl, dora] = world.users as [TestUser, TestUser, TestUser, TestUser];
  const run = `${world.trains[0]}/${world.date}`;
  expect(await chepiao("status", run)).toEqual({ exit: 0, text: `No queue of ${run} is announced.` });
  expect((await chepiao("open", run)).exit).toBe(2);
  expect((await chepiao("open", "G1", "--per-minute", "1", "--inside", "1")).exit).toBe(2);
  expect((await chepiao("close", run)).exit).toBe(1);
  const announced = await chepiao("open", run, "--per-minute", "6000", "--inside", "2");
  expect([announced.exit, announced.text]).toEqual([0, expect.stringContaining("is announced.")]);
  expect((await chepiao("open", run, "--per-minute", "1", "--inside", "1")).exit).toBe(1);
  const seedHash = /([0-9a-f]{64})$/.exec(announced.text)![1]!;

  // Nobody buys that run without a pass; another is sold as before.
  const known = () => call<{ readonly queues: readonly { readonly scope: string }[] }>(anna, "GET", "/api/queue");
  expect((await until(known, ({ queues }) => queues.length > 0)).queues).toMatchObject([{ scope: run, ended: false }]);
  const tried = await buy(anna, 0, { "idempotency-key": "the same" });
  expect(tried.code).toBe("QueueOn");
  const queue = tried.facts!["queue"] as string;
  expect(typeof (await buy(dora, 1)).orderNo).toBe("string");
  expect((await chepiao("chance", run, "3 17 22")).exit).toBe(1);
  const other = `${world.trains[1]}/${world.date}`;
  const byChance = ["open", other, "--per-minute", "1", "--inside", "1", "--chance"];
  expect((await chepiao(...byChance, "zwölf")).exit).toBe(2);
  expect((await chepiao(...byChance, "the lottery")).exit).toBe(0);

  const joining = (user: TestUser, place?: string) =>
    call<QueuePlace>(user, "POST", "/api/queue/join", { queue, ...(place === undefined ? {} : { place }) });
  const first = await joining(anna);
  await joining(bert);
  await joining(carl);
  const status = async () => (await (await fetch(`${url}/api/queue/status?queue=${queue}`)).json()) as QueueStatus;
  expect((await until(status, ({ phase }) => phase === "open")).seedHash).toBe(seedHash);
  expect((await until(status, ({ seatsLeft }) => seatsLeft !== null)).seatsLeft).toBe(20);

  // Two are inside; the third waits until one has left.
  const turnOf = async (user: TestUser) =>
    call<QueueTurn>(user, "POST", "/api/queue/heartbeat", { place: (await joining(user)).place });
  let rounds = 0;
  const turns = async () => {
    // Who asks more than thirty times a minute is told to wait.
    if (rounds++ > 0) await Bun.sleep(5_000);
    return Promise.all([anna, bert, carl].map(turnOf));
  };
  const inside = await until(turns, (all) => all.filter(({ pass }) => pass).length === 2);
  expect(inside.filter(({ turn }) => turn === "inside")).toHaveLength(2);
  const users = [anna, bert, carl];
  const winner = inside.findIndex(({ pass }) => pass !== null);
  const pass = { "x-queue-pass": inside[winner]!.pass! };
  expect((await buy(dora, 0, pass)).code).toBe("QueueOn");
  const key = { "idempotency-key": users[winner] === anna ? "the same" : "another" };
  expect(typeof (await buy(users[winner]!, 0, { ...pass, ...key })).orderNo).toBe("string");

  // Anybody checks the draw.
  const file = join(folder, "draw.json");
  const address = `${url}/api/queue/draw?queue=${queue}`;
  const verify = (...args: readonly string[]) => runInFolder(verifyDrawCommand, world.dataDir, args);
  expect(await verify(address, "--save", file, "--seed-hash", seedHash)).toMatchObject({ exit: 0 });
  const pages = JSON.parse(readFileSync(file, "utf8")) as QueueDraw[];
  expect((await verify(file, "--lot", first.lot)).text).toEndWith(
    `lot ${first.lot} has place ${pages[0]!.lots.indexOf(first.lot) + 1}`,
  );
  expect((await verify(file, "--seed-hash", "0".repeat(64))).exit).toBe(1);
  writeFileSync(file, JSON.stringify(pages.map((page) => ({ ...page, lots: page.lots.toReversed() }))));
  expect((await verify(file)).exit).toBe(1);
  writeFileSync(file, "{}");
  expect((await verify(file)).exit).toBe(2);

  // What the platform can show of how it was sold has numbers alone.
  const fair = await until(
    () => chepiao("fairness", run),
    ({ text }) => /orders +1: /.test(text),
  );
  expect(fair.text).toMatch(/draw +3 lots, right\n.*too few to tell\n +places +\d given, \d called\n/);
  expect(fair.text).toMatch(
    /by buyers with a lot +1\n +of a place that was never called +0\n +before the draw +0\n +buyers by tenths of places +too few to tell\n/,
  );
  const told = JSON.parse((await chepiao("fairness", run, "--json")).text) as QueueFairness;
  expect(told).toMatchObject({
    scope: run,
    draw: { seedHash, lots: 3 },
    ticketsPerAccount: { 1: 1 },
    placeAgainstPurchase: null,
  });
  // A page of it, and the data file by whose hash it can be checked.
  const published = await chepiao("fairness", run, "--out", join(folder, "fairness"));
  const data = readFileSync(join(folder, "fairness", "fairness.json"));
  const sha256 = createHash("sha256").update(data).digest("hex");
  expect(published).toMatchObject({ exit: 0, text: expect.stringContaining(sha256) as string });
  expect(JSON.parse(data.toString())).toMatchObject({ scope: run, draw: { evenness: null }, buyersByTenth: [] });
  const page = readFileSync(join(folder, "fairness", "fairness.html"), "utf8");
  expect(page).toContain(`<a href="fairness.json">fairness.json</a>, SHA-256 <code>${sha256}</code>`);
  for (const { userId } of users) expect([userId, page.includes(String(userId))]).toEqual([userId, false]);
  expect((await chepiao("fairness", "G9/2020-01-01")).exit).toBe(1);

  // A draw that waits for a chance is made by what is told, once.
  const tell = (chance: string) => chepiao("chance", other, chance);
  expect(
    (
      await until(
        () => tell("3 17 22"),
        ({ exit }) => exit === 0,
      )
    ).exit,
  ).toBe(0);
  expect((await tell("4 17 22")).exit).toBe(1);
  const drawnBy = async () => (await chepiao("status", other)).text;
  expect(await until(drawnBy, (text) => !text.includes("not yet"))).toMatch(/what came of the chance +3 17 22/);

  // A kill forgets all counters that are in memory.
  const before = await joining(carl);
  await restart();
  expect((await joining(carl, before.place)).position).toBe(before.position);
  expect((await chepiao("status", run)).text).toContain("places given");

  expect((await chepiao("close", run)).exit).toBe(0);
  const freely = await until(
    () => buy(users[(winner + 1) % 3]!, 0),
    ({ code }) => code !== "QueueOn",
  );
  expect(typeof freely.orderNo).toBe("string");

  // A run that is exempt is bought freely also on a day that has a queue.
  expect(await chepiao("exempt", run, "--lasts", "60")).toMatchObject({ exit: 0 });
  expect((await chepiao("open", run, "--per-minute", "1", "--inside", "1")).exit).toBe(1);
  expect((await chepiao("status", run)).text).toContain(`No queue of ${run} is switched on by load until`);
  expect((await chepiao("open", world.date, "--per-minute", "1", "--inside", "1")).exit).toBe(0);
  const scopes = async () => (await known()).queues.map(({ scope }) => scope);
  await until(scopes, (all) => all.includes(world.date));
  expect(typeof (await buy(users[(winner + 2) % 3]!, 0)).orderNo).toBe("string");
  expect((await chepiao("close", run)).text).toBe(`${run} is exempt no more.`);
});

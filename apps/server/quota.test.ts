/** Quotas on the platform in one process: from a file to what is sold and shown, beside people who buy, through restarts, for who waits. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { type ClassOffer, type Order, runId, type TicketsAnswer, type WaitlistEntry } from "@chepiao/contracts";
import { epochMs, secondMs } from "@chepiao/kernel";
import { quotaCommand } from "./commands/quota/index.ts";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { runInFolder } from "./testing/command.ts";
import { createWorld, freePort, type ServerProcess, startServer, type TestUser } from "./testing/world.ts";

const composition = { code: "SMALL", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const folder = mkdtempSync(join(tmpdir(), "chepiao-quota-"));
cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));

const until = untilWithin(60_000);

async function open({ isRunning = true } = {}) {
  const world = await createWorld({ userCount: 4, passengersPerUser: 5, trainCount: 1, stationCount: 4, composition });
  cleanUp.defer(world.remove);
  const port = freePort();
  let server: ServerProcess | null = isRunning ? await startServer(world, port) : null;
  cleanUp.defer(() => server?.kill());
  let keys = 0;

  const chepiao = (...args: readonly string[]) => runInFolder(quotaCommand, world.dataDir, args);
  const fileOf = (...rows: readonly string[]) => {
    const path = join(folder, `quotas ${++keys}.csv`);
    writeFileSync(path, ["train,date,class,from,to,when,seats", ...rows, ""].join("\n"));
    return path;
  };
  const call = createCaller(() => server!.url);
  async function offer(from: number, to: number): Promise<ClassOffer> {
    const query = new URLSearchParams({ from: `S${from}`, to: `S${to}`, date: world.date });
    const answer = await fetch(`${server!.url}/api/search/tickets?${query.toString()}`);
    return ((await answer.json()) as TicketsAnswer).trains[0]!.classes[0]!;
  }
  const buy = (user: TestUser, from: number, to: number, count: number) =>
    call<Order>(user, "POST", "/api/order", {
      trainNumber: "G1",
      originDate: world.date,
      from: `S${from}`,
      to: `S${to}`,
      seatClass: "second",
      passengers: user.passengerIds.slice(0, count).map((passengerId) => ({ passengerId })),
    });
  const restart = async () => {
    await server!.kill();
    server = await startServer(world, port);
  };
  const run = runId("G1", world.date);
  return { world, run, chepiao, fileOf, call, offer, buy, restart };
}

test("a file of quotas is in force beside people who buy, through a kill, and until it is dropped", async () => {
  const { world, run, chepiao, fileOf, offer, buy, restart } = await open();
  const [one, two, three] = world.users as [TestUser, TestUser, TestUser];
  expect(await buy(one, 0, 1, 3)).toMatchObject({ orderNo: expect.any(String) });
  await until(
    () => offer(0, 1),
    ({ free }) => free === 7,
  );

  const file = fileOf(
    `G1,${world.date},second,站0,站1|S2,opening,4`,
    `G1,${world.date},second,站0,站1|S2,departure-1h,all`,
  );
  const trial = await chepiao("import", file, "--dry-run");
  expect(trial).toMatchObject({ exit: 0, text: expect.stringMatching(/站0 → 站1 \| 站2 +3 +— → 4 +7 → 1\n/) });
  expect(await offer(0, 1)).toMatchObject({ free: 7 });

  expect(await chepiao("import", file)).toMatchObject({
    exit: 0,
    text: expect.stringContaining("Quotas of 1 class on 1 run set."),
  });
  expect(
    await until(
      () => offer(0, 1),
      ({ free }) => free === 1,
    ),
  ).toMatchObject({ free: 1, sellable: true });
  expect(await buy(two, 0, 2, 2)).toMatchObject({ code: "NotOnSaleBetween" });
  expect(await buy(two, 0, 2, 1)).toMatchObject({ orderNo: expect.any(String) });
  const kept = await until(
    () => offer(0, 1),
    ({ free }) => free === 0,
  );
  expect(kept).toMatchObject({ free: 0, sellable: false, notOnSaleYet: true, onSaleAt: expect.any(String) });
  expect((await offer(0, 3)).free).toBe(6);

  await restart();
  expect(await buy(three, 0, 1, 1)).toMatchObject({ code: "NotOnSaleBetween" });
  expect(await offer(0, 1)).toMatchObject({ notOnSaleYet: true });
  const shown = await chepiao("show", run);
  expect(shown.text).toContain("站0 → 站1 | 站2: 4 held, 0 may be sold now");
  expect(shown.text).toContain("up to 4");

  const tried = await chepiao("try", file, "--recorded", run);
  expect([tried.exit, tried.text]).toEqual([0, expect.stringContaining(`2 parties ask, who bought ${run}`)]);
  expect(tried.text).toMatch(/passengers who asked +4 +4 +0\n/);

  expect(await chepiao("drop", run, "--dry-run")).toMatchObject({ exit: 0, text: expect.stringContaining("0 → 6") });
  expect(await chepiao("drop", run)).toMatchObject({ exit: 0 });
  expect(
    await until(
      () => offer(0, 1),
      ({ free }) => free > 0,
    ),
  ).toEqual(expect.not.objectContaining({ notOnSaleYet: true }));
  expect(await buy(three, 0, 1, 1)).toMatchObject({ orderNo: expect.any(String) });
  expect(await chepiao("show", run)).toMatchObject({ exit: 0, text: `${run} has no quotas.` });
  expect(await chepiao("drop", run)).toMatchObject({ exit: 1, text: `${run} has no quotas.` });
}, 120_000);

test("a wrong file is refused with its lines and changes nothing, and a trial says what quotas would come to", async () => {
  const { world, run, chepiao, fileOf } = await open({ isRunning: false });
  const wrong = fileOf(`G1,${world.date},second,站0,站1,opening,4`, "G9,2026-01-01,second,*,*,opening,4");
  const refused = await chepiao("import", wrong);
  expect(refused).toMatchObject({ exit: 1, text: expect.stringContaining('line 3: there is no train "G9"') });
  expect(await chepiao("show", run)).toMatchObject({ text: `${run} has no quotas.` });
  expect(await chepiao("import", join(folder, "none.csv"))).toMatchObject({ exit: 1 });
  expect(await chepiao("import")).toMatchObject({ exit: 2 });
  expect(await chepiao("show", "G1")).toMatchObject({ exit: 2 });
  expect(await chepiao("show", "G1/2020-01-01")).toMatchObject({ exit: 1 });
  const file = fileOf(`G1,${world.date},second,*,*,opening,2`);
  const tried = await chepiao("try", file, "--seed", "5");
  expect([tried.exit, tried.text]).toEqual([0, expect.stringMatching(/refused by a quota +0 +[1-9]/)]);
  expect((await chepiao("try", file, "--seed", "5")).text).toBe(tried.text);
  expect(await chepiao("try", file, "--seed", "half")).toMatchObject({ exit: 2 });
  expect(await chepiao("try", file, "--recorded", run)).toMatchObject({ exit: 1 });
}, 120_000);

test("who waits is given what a limit sets free at its moment, though nobody buys or looks then", async () => {
  const { world, run, call } = await open();
  const [one] = world.users as [TestUser];
  await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
  const { quotas } = createStores(database);
  const begins = epochMs(Date.now() + 15 * secondMs);
  const limits = [
    { since: epochMs(0), seats: 0 },
    { since: begins, seats: 1 },
  ];
  await quotas.set(0, [
    { runId: run, seatClass: "second", quotas: [{ fromStations: ["S0"], toStations: null, limits }] },
  ]);
  const entry = await until(
    () =>
      call<WaitlistEntry>(one, "POST", "/api/waitlist", {
        from: "S0",
        to: "S2",
        choices: [{ trainNumber: "G1", originDate: world.date, seatClasses: ["second"] }],
        passengers: [{ passengerId: one.passengerIds[0] }],
      }),
    ({ waitlistNo }) => waitlistNo !== undefined,
  );
  const payment = await call<{ payUrl: string }>(one, "POST", "/api/payment", { orderNo: entry.waitlistNo });
  const form = new URLSearchParams({ action: "pay", behaviour: "normal", seconds: "1" });
  await fetch(payment.payUrl, { method: "POST", body: form, redirect: "manual" });
  const stateOf = () => call<WaitlistEntry>(one, "GET", `/api/waitlist/${entry.waitlistNo}`);
  const served = await until(stateOf, ({ state }) => state === "served");
  expect(served.state).toBe("served");
  expect(Date.now()).toBeGreaterThanOrEqual(begins);
}, 120_000);

/** A run is cancelled by the API: what it would mean is said first, only who may is let do it, money goes back, and all of it is on the trail. */
import { afterAll, expect, test } from "bun:test";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import type {
  AuditPage,
  Order,
  Payment,
  RunActAnswer,
  RunProgress,
  RunsOfDay,
  RunView,
  WaitlistEntry,
} from "@chepiao/contracts";
import { epochMs, type UserId } from "@chepiao/kernel";
import { join } from "node:path";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { policySetting } from "./testing/policy.ts";
import { createWorld, freePort, startServer, type TestUser } from "./testing/world.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const until = untilWithin(90_000);
const coach = (no: number) => ({ no, sections: [{ seatClass: "second" as const, rows: 1 }] });
const composition = { code: "SMALL", coaches: [coach(1)] };
const lastComposition = { code: "LONGER", coaches: [coach(1), coach(2)] };

test("an operator cancels a run by the API, dry first, and the trail has who, why and what came of it", async () => {
  const size = { userCount: 4, passengersPerUser: 3, trainCount: 2, stationCount: 3 };
  const world = await createWorld({ ...size, composition, lastComposition });
  cleanUp.defer(world.remove);
  const [buyer, waiter, operator, auditor] = world.users as [TestUser, TestUser, TestUser, TestUser];
  {
    await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
    const { users } = createStores(database);
    for (const [user, role] of [
      [operator, "operator"],
      [auditor, "auditor"],
    ] as const)
      await users.change(user.userId as UserId, { role }, epochMs(Date.now()));
  }
  const server = await startServer(world, freePort(), policySetting());
  cleanUp.defer(() => server.kill());
  const call = createCaller(() => server.url);
  const pay = async (orderNo: string) => {
    const { payUrl } = await call<Payment>(buyer, "POST", "/api/payment", { orderNo });
    const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
    await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });
  };
  const way = { trainNumber: world.trains[0]!, originDate: world.date, from: "S0", to: "S2" };
  const bought = await call<Order>(buyer, "POST", "/api/order", {
    ...way,
    seatClass: "second",
    passengers: buyer.passengerIds.map((passengerId) => ({ passengerId })),
  });
  const get = () => call<Order>(buyer, "GET", `/api/order/${bought.orderNo}`);
  await until(get, ({ state }) => state === "pendingPayment");
  await pay(bought.orderNo);
  await until(get, ({ state }) => state === "ticketed");

  // Three want seats where two are left.
  const asked = {
    from: "S0",
    to: "S2",
    choices: [{ trainNumber: world.trains[0], originDate: world.date, seatClasses: ["second"] }],
    passengers: waiter.passengerIds.map((passengerId) => ({ passengerId })),
  };
  const entry = await call<WaitlistEntry>(waiter, "POST", "/api/waitlist", asked);
  const { payUrl } = await call<Payment>(waiter, "POST", "/api/payment", { orderNo: entry.waitlistNo });
  const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
  await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });

  const path = `/api/operations/runs/${world.trains[0]}/${world.date}`;
  const view = await until(
    () => call<RunView>(operator, "GET", path),
    ({ line }) => line.length > 0,
  );
  expect(view.line).toMatchObject([{ waitlistNo: entry.waitlistNo, passengers: 3, seatClasses: ["second"] }]);
  expect(view).toMatchObject({ word: "runs", seats: 5, compositions: ["LONGER", "SMALL"] });
  const taken = view.coaches.flatMap(({ seats }) => seats).flatMap((seat) => seat.taken);
  const order = await get();
  expect(taken).toHaveLength(3);
  expect(new Set(taken.map(({ orderNo, state }) => `${orderNo} ${state}`))).toEqual(
    new Set([`${order.orderNo} issued`]),
  );
  expect(new Set(taken.map(({ name }) => name))).toEqual(new Set(["用户0", "乘客0-1", "乘客0-2"]));
  const { runs } = await call<RunsOfDay>(auditor, "GET", `/api/operations/runs?date=${world.date}`);
  expect(runs.map(({ trainNumber, orders, waiting }) => [trainNumber, orders, waiting])).toEqual([
    [world.trains[0]!, 1, 1],
    [world.trains[1]!, 0, 0],
  ]);

  type Answer = RunActAnswer & { readonly code?: string };
  const act = (user: TestUser, name: string, body: object) => call<Answer>(user, "POST", `${path}/${name}`, body);
  const reason = "flood";
  expect((await act(operator, "exchange", { composition: "LONGER", dryRun: true, reason })).moves).toMatchObject({
    tickets: 3,
    stay: 3,
    confirm: 0,
    serves: [{ waitlistNo: entry.waitlistNo, seatClass: "second", passengers: 3 }],
  });
  expect(await act(auditor, "cancel", { dryRun: true, reason })).toMatchObject({ code: "NotAllowed" });
  expect(await act(buyer, "cancel", { dryRun: false, reason })).toMatchObject({ code: "NotAllowed" });
  expect(await act(operator, "cancel", { dryRun: false })).toMatchObject({ code: "MalformedRequest" });
  const trial = await act(operator, "cancel", { dryRun: true, reason });
  expect(trial.giveBack).toEqual({
    orders: 1,
    unpaid: 0,
    tickets: 3,
    passengers: 3,
    amountFen: order.totalFen,
    waiting: 1,
  });
  const progress = () => call<RunProgress>(operator, "GET", `${path}/progress`);
  expect([(await get()).state, (await progress()).giveBack]).toEqual(["ticketed", null]);

  expect(await act(operator, "cancel", { dryRun: false, reason })).toMatchObject({ isDryRun: false, isSaid: false });
  const { giveBack } = await until(progress, (found) => found.giveBack?.left === 0 && found.giveBack.orders === 1);
  expect(giveBack).toMatchObject({
    tickets: 3,
    amountFen: order.totalFen,
    rows: [{ orderNo: order.orderNo, tickets: 3, isDone: true, why: null }],
  });
  expect((await get()).tickets.map(({ feeFen }) => feeFen)).toEqual([0, 0, 0]);
  expect(await act(operator, "restore", { dryRun: false, reason })).toMatchObject({ code: "RunRefunded" });

  const trail = await call<AuditPage>(auditor, "GET", "/api/operations/audit?action=cancelRun");
  const told = trail.entries.map(({ isDryRun, outcome, reason: why, role, subject }) => [
    isDryRun,
    outcome,
    why,
    role,
    subject,
  ]);
  const ofRun = `run ${world.trains[0]}/${world.date}`;
  expect(told.toReversed()).toEqual([
    [true, "done", reason, "operator", ofRun],
    [false, "done", reason, "operator", ofRun],
    [false, "refused", reason, "operator", ofRun],
  ]);
  expect(trail.entries[1]).toMatchObject({
    what: `cancels ${world.trains[0]}/${world.date}, 3 tickets`,
    before: `${world.trains[0]}/${world.date} runs`,
    after: `${world.trains[0]}/${world.date} is cancelled`,
  });
}, 120_000);

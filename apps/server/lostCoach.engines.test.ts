/**
 * A train loses a coach with sold seats, and is exchanged for another then, on real engines with a process a role: the one that decides orders is killed
 * while it moves people, and so is the one that has them moved. Everybody has one other seat afterwards, nobody two and nobody none, at no cost, and the
 * books agree.
 */
import { afterAll, expect, test } from "bun:test";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { openRedis } from "@chepiao/adapters/redis";
import { type Order, type Payment, runId, type TicketsAnswer } from "@chepiao/contracts";
import { exchangeRun } from "./commands/run/exchange.ts";
import { loseCoach } from "./commands/run/lose.ts";
import { openRunStores } from "./commands/run/stores.ts";
import { readConfig } from "./config.ts";
import { createAuditor } from "./faults/auditor.ts";
import { type RoleName, roles } from "./roles.ts";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { judge } from "./testing/audit.ts";
import { policySetting } from "./testing/policy.ts";
import { createRolePlatform, type RoleProcess, settleOn } from "./testing/processes.ts";
import type { TestUser } from "./testing/world.ts";

const section = [{ seatClass: "second" as const, rows: 8 }];
const composition = { code: "TWO", coaches: [1, 2].map((no) => ({ no, sections: section })) };
/** Of the first train none of its places. */
const other = { code: "OTHER", coaches: [3, 4].map((no) => ({ no, sections: section })) };
const ordersEach = 2;
/** The last passenger of each is somebody whom others have saved, too. */
const options = {
  userCount: 16,
  passengersPerUser: ordersEach + 1,
  trainCount: 2,
  stationCount: 3,
  composition,
  lastComposition: other,
};
/** The gateway waits for all of them but this one. */
const needed = roles.filter((role) => role !== "cdc");
const startWithinMs = 180_000;
const until = untilWithin(180_000);
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync(), 180_000);

test("I1 I3 I7: who sits in a lost coach has one other seat, though the process that decides orders is killed meanwhile", async () => {
  const mysql = await freshMysql("ShardingSphere-Proxy");
  const platform = cleanUp.use(await createRolePlatform({ mysql, settings: policySetting() }));
  const { settings, namespace } = platform;
  const redis = cleanUp.use(openRedis({ nodes: settings["REDIS_NODES"]!.split(","), prefix: `${namespace}:` }));
  const world = await settleOn(platform, options);
  const running = new Map<RoleName, RoleProcess>();
  for (const role of needed) running.set(role, platform.start(role));
  await platform.ready(startWithinMs);

  const call = createCaller(() => platform.gatewayUrl);
  const get = (user: TestUser, orderNo: string) => call<Order>(user, "GET", `/api/order/${orderNo}`);
  const stateOf = (user: TestUser, orderNo: string, state: Order["state"]) =>
    until(
      () => get(user, orderNo),
      (order) => order.state === state,
    );
  async function ticketed(user: TestUser, passengerId: number): Promise<Order> {
    const ways = { trainNumber: world.trains[0]!, originDate: world.date, from: "S0", to: "S2", seatClass: "second" };
    const { orderNo, code } = await call<Order>(user, "POST", "/api/order", { ...ways, passengers: [{ passengerId }] });
    expect(code).toBeUndefined();
    await stateOf(user, orderNo, "pendingPayment");
    const { payUrl } = await call<Payment>(user, "POST", "/api/payment", { orderNo });
    const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
    await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });
    return await stateOf(user, orderNo, "ticketed");
  }
  const bought = await Promise.all(
    world.users.map(async (user) => {
      const own: Order[] = [];
      for (const passengerId of user.passengerIds.slice(0, ordersEach)) own.push(await ticketed(user, passengerId));
      return { user, own };
    }),
  );

  await using stores = await openRunStores(readConfig(settings));
  const run = runId(world.trains[0]!, world.date);
  const lost = bought.flatMap(({ user, own }) =>
    own.filter(({ tickets }) => tickets[0]!.coachNo === 1).map((order) => ({ user, order })),
  );
  expect(lost.length).toBeGreaterThan(8);
  const wish = { run, coachNos: [1], reason: "", isTrial: false, confirmed: lost.length };
  await loseCoach(stores, wish, () => {});
  const leftIn = async (gone: readonly number[]) => {
    const orders = await Promise.all(
      (await stores.orders.holdersOn(run)).map((orderId) => stores.orders.load(orderId)),
    );
    const isThere = (ticket: { readonly state: string; readonly coachNo: number | null }) =>
      ticket.state === "issued" && gone.includes(ticket.coachNo!);
    return orders.filter((order) => order?.tickets.some(isThere)).length;
  };
  const left = () => leftIn([1]);
  await until(left, (count) => count < lost.length);
  await running.get("order")!.kill();
  const midway = await left();
  running.set("order", platform.start("order"));
  await platform.ready(startWithinMs);
  expect(await until(left, (count) => count === 0)).toBe(0);
  console.log(`${lost.length} orders in the lost coach, of which ${midway} were left when the process was killed`);

  const seats: string[] = [];
  for (const { user, own } of bought)
    for (const { orderNo, totalFen, tickets } of own) {
      const old = await until(
        () => get(user, orderNo),
        ({ state }) => state === "changed" || tickets[0]!.coachNo === 2,
      );
      const now = old.state === "changed" ? await stateOf(user, old.tickets[0]!.replacedBy!, "ticketed") : old;
      expect([now.state, now.totalFen, now.tickets.map(({ state, coachNo }) => [state, coachNo])]).toEqual([
        "ticketed",
        totalFen,
        [["issued", 2]],
      ]);
      seats.push(now.tickets[0]!.seat);
    }
  expect(new Set(seats).size).toBe(options.userCount * ordersEach);
  // Every seat is another in the other train, which no process has heard of when it is said.
  const moved = options.userCount * ordersEach;
  const exchange = { run, composition: "OTHER", reason: "", isTrial: false, confirmed: moved };
  await exchangeRun(stores, exchange, () => {});
  await until(
    () => leftIn([1, 2]),
    (count) => count < moved,
  );
  await running.get("sweeper")!.kill();
  running.set("sweeper", platform.start("sweeper"));
  await platform.ready(startWithinMs);
  expect(
    await until(
      () => leftIn([1, 2]),
      (count) => count === 0,
    ),
  ).toBe(0);
  const isOpened = async () => (await stores.withdrawnCoaches.ofRuns([run]))[0]?.exchange?.openedAt ?? null;
  expect(await until(isOpened, (at) => at !== null)).not.toBeNull();
  const there = (await Promise.all((await stores.orders.holdersOn(run)).map((orderId) => stores.orders.load(orderId))))
    .flatMap((order) => order!.tickets)
    .filter(({ state }) => state === "issued");
  expect([there.length, new Set(there.map(({ seatIndex }) => seatIndex)).size]).toEqual([moved, moved]);
  expect(there.every(({ coachNo }) => coachNo === 3 || coachNo === 4)).toBe(true);
  // What is left is sold to everybody: 80 seats, of which 32 are taken.
  const [user] = world.users;
  const search = `/api/search/tickets?from=S0&to=S2&date=${world.date}`;
  const free = async () =>
    (await call<TicketsAnswer>(user!, "GET", search)).trains.find(({ trainNumber }) => trainNumber === world.trains[0])
      ?.classes[0]?.free;
  expect(await until(free, (count) => count === 80 - moved)).toBe(80 - moved);

  const { records } = createAuditor({ platform, redis });
  // A move is asked for by the railway: no key is anybody's own.
  async function wrongIn(): Promise<string[]> {
    const all = await records();
    const keys = all.orders.map((row) => `${row.user_id} ${row.idempotency_key}`);
    return judge(all, { accepted: new Map(), sent: new Set(keys) });
  }
  expect(await until(wrongIn, (wrong) => wrong.length === 0)).toEqual([]);
}, 600_000);

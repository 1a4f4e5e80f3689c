/** A train that an operator cancels where every role is a process of its own, with journeys that are found by what another role has for sale. */
import { afterAll, expect, test } from "bun:test";
import type { JourneysAnswer, Order, Payment } from "@chepiao/contracts";
import { runCommand } from "./commands/run/index.ts";
import { roles } from "./roles.ts";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { runInFolder } from "./testing/command.ts";
import { policySetting } from "./testing/policy.ts";
import { allReady, createCluster } from "./testing/roles.ts";
import { createWorld, type TestUser } from "./testing/world.ts";

const composition = {
  code: "SMALL",
  coaches: [
    { no: 1, sections: [{ seatClass: "second" as const, rows: 4 }] },
    { no: 2, sections: [{ seatClass: "first" as const, rows: 1 }] },
  ],
};
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const until = untilWithin(90_000);

async function open() {
  const world = await createWorld({ userCount: 3, passengersPerUser: 2, trainCount: 2, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const split = Object.fromEntries(roles.map((role) => [role, role]));
  const cluster = cleanUp.use(await createCluster(world, split, policySetting()));
  await Promise.all(roles.map((role) => cluster.start(role).opened));
  await allReady(cluster);
  const call = createCaller(() => cluster.gatewayUrl);
  const buy = (user: TestUser) =>
    call<Order>(user, "POST", "/api/order", {
      trainNumber: world.trains[0]!,
      originDate: world.date,
      from: "S0",
      to: "S2",
      seatClass: "second",
      passengers: user.passengerIds.map((passengerId) => ({ passengerId })),
    });
  const get = (user: TestUser, orderNo: string) => call<Order>(user, "GET", `/api/order/${orderNo}`);
  const stateOf = (user: TestUser, orderNo: string, state: Order["state"]) =>
    until(
      () => get(user, orderNo),
      (order) => order.state === state,
    );
  /** Trains of journeys, and how many of their seats are left. */
  async function journeys(user: TestUser): Promise<readonly string[]> {
    const asked = new URLSearchParams({ from: "S0", to: "S2", date: world.date, changes: "1" });
    const { plans } = await call<JourneysAnswer>(user, "GET", `/api/search/journeys?${asked.toString()}`);
    return plans.flatMap(({ legs }) => legs.map(({ trainNumber }) => trainNumber));
  }
  const chepiao = (...args: readonly string[]) => runInFolder(runCommand, world.dataDir, args);
  return { world, call, buy, stateOf, journeys, chepiao };
}

test("a cancelled train leaves journeys and the sale of every role, money goes back, and only a mistake is taken back", async () => {
  const { world, call, buy, stateOf, journeys, chepiao } = await open();
  const [traveller, early, late] = world.users as [TestUser, TestUser, TestUser];
  const [train] = world.trains as [string];
  const named = [train, world.date];
  expect(await journeys(traveller)).toContain(train);

  const { orderNo, totalFen } = await buy(traveller);
  await stateOf(traveller, orderNo, "pendingPayment");
  const { payUrl } = await call<Payment>(traveller, "POST", "/api/payment", { orderNo });
  const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
  await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });
  expect((await stateOf(traveller, orderNo, "ticketed")).state).toBe("ticketed");

  // The train loses its coach of second class: one process asks another for seats in first class, and nobody pays for that.
  expect(await chepiao("lose-coach", ...named, "--coach", "1")).toMatchObject({ exit: 0 });
  const moved = await stateOf(traveller, orderNo, "changed");
  const seated = moved.tickets[0]!.replacedBy!;
  const { tickets, ...carried } = await stateOf(traveller, seated, "ticketed");
  expect([carried.totalFen, ...tickets.map(({ coachNo }) => coachNo)]).toEqual([totalFen, 2, 2]);
  expect(await chepiao("reinstate", ...named, "--coach", "1")).toMatchObject({ exit: 0 });

  expect(await chepiao("cancel", ...named, "--dry-run")).toMatchObject({
    exit: 0,
    text: expect.stringMatching(/tickets +2\n[^]*Nothing was changed/),
  });
  expect(await chepiao("cancel", ...named)).toMatchObject({ exit: 0 });
  expect(await chepiao("restore", ...named)).toMatchObject({ exit: 0 });
  const again = await until(
    () => buy(early),
    ({ code }) => code === undefined,
  );
  expect(again.code).toBeUndefined();
  await stateOf(early, again.orderNo, "pendingPayment");

  expect(await chepiao("cancel", ...named)).toMatchObject({ exit: 0 });
  const refused = await until(
    () => buy(late),
    ({ code }) => code === "RunCancelled",
  );
  expect(refused.code).toBe("RunCancelled");
  const gone = await until(
    () => journeys(traveller),
    (trains) => !trains.includes(train),
  );
  expect([gone.includes(train), gone.length > 0]).toEqual([false, true]);

  const refunded = await stateOf(traveller, seated, "refunded");
  expect(refunded.tickets.map(({ feeFen, refundFen, fareFen }) => [feeFen, refundFen === fareFen])).toEqual([
    [0, true],
    [0, true],
  ]);
  const { refunds } = await until(
    () => call<Payment>(traveller, "GET", `/api/payment/${orderNo}`),
    (payment) => payment.refunds.length === 2 && payment.refunds.every(({ state }) => state === "settled"),
  );
  expect(refunds.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(totalFen);
  expect(await stateOf(early, again.orderNo, "cancelled")).toMatchObject({ endedBecause: "RunCancelled" });
  expect(await chepiao("restore", ...named)).toMatchObject({
    exit: 1,
    text: expect.stringContaining("stays cancelled"),
  });
}, 240_000);

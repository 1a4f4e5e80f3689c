/** Trips at the student fare through the whole order room: so many a document and school year, exactly (rules 3.17, 5.11). */
import { expect, test } from "bun:test";
import type { PolicyChanges } from "@chepiao/contracts";
import { addDays, secondMs, type UserId } from "@chepiao/kernel";
import { createWorld, person, quiet, requestOf, sold, student, travelDate, type World } from "./order.twin.ts";
import { granted } from "./waitedRules.suite.ts";

const policyOf = (perYear: number): PolicyChanges => ({ fares: { studentTrips: { perYear, yearStart: "10-01" } } });
const byStudent = (days: number, over: Parameters<typeof requestOf>[1] = {}) =>
  requestOf(1, { people: [student], originDate: addDays(travelDate, days), ...over });

async function bought(world: World, days: number, over: Parameters<typeof requestOf>[1] = {}) {
  const { orderNo, totalFen } = sold(await world.submit(1, byStudent(days, over)));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const { tickets } = await world.load(orderNo);
  return { orderNo, ticketNos: tickets.map(({ ticketNo }) => ticketNo) };
}

test("I6: who has no student trip left is told before anything is held, buys at the full fare, and has the trip again that is given back", async () => {
  const world = await createWorld({ policy: policyOf(2) });
  const first = await bought(world, 0);
  await bought(world, -1);
  const why: object | null = await world.whyNot(1, [byStudent(-2)]);
  expect(why).toEqual({ code: "StudentTripsUsed", limit: 2, from: "2026-10-01", ticket: 0 });
  expect(await world.free("G1")).toBe(9);
  const full = { passengers: byStudent(0).passengers.map((each) => ({ ...each, ticketType: "adult" as const })) };
  sold(await world.submit(1, byStudent(-2, full)));
  await world.rest();
  sold(await world.refund(1, first.orderNo, first.ticketNos));
  await world.rest();
  await world.advance(20 * 60_000);
  await world.sweep();
  await bought(world, -3);
});

test("before buying, an account hears how many student trips its passengers have left in the school year of that day", async () => {
  const world = await createWorld({ policy: policyOf(2) });
  const leftOn = async (date: string) => sold(await world.studentTrips(1, date));
  const passengerId = person(1, student);
  expect(await leftOn("2026-12-01")).toEqual({
    perYear: 2,
    from: "2026-10-01",
    until: "2027-09-30",
    passengers: [{ passengerId, left: 2 }],
  });
  await bought(world, 0);
  expect((await leftOn("2027-09-30")).passengers).toEqual([{ passengerId, left: 1 }]);
  expect(await leftOn("2027-10-01")).toMatchObject({ from: "2027-10-01", passengers: [{ passengerId, left: 2 }] });
  for (const date of ["2026-02-30", "0000-01-01", "9999-12-31"])
    expect(await world.studentTrips(1, date)).toBe("MalformedRequest");
  expect(await leftOn("0001-01-01")).toMatchObject({ from: "0000-10-01", until: "0001-09-30" });
  expect(await leftOn("9998-12-31")).toMatchObject({ from: "9998-10-01", until: "9999-09-30" });
  const free = await createWorld({ policy: { fares: { studentTrips: null } } });
  expect(await free.studentTrips(1, "2026-12-01")).toMatchObject({ perYear: null, passengers: [] });
});

test("I6: a student ticket is changed though no trip is left, and the trip is on the new one", async () => {
  const world = await createWorld({ policy: policyOf(1) });
  const { orderNo, ticketNos } = await bought(world, 0);
  const { orderNo: next } = sold(await world.change(1, orderNo, ticketNos, { trainNumber: "G3", to: "D" }));
  await world.rest();
  const changed = await world.load(next);
  expect(changed).toMatchObject({ state: "ticketed", tickets: [{ ticketType: "student" }] });
  expect(await world.submit(1, byStudent(-1))).toBe("StudentTripsUsed");
  sold(await world.refund(1, next, [changed.tickets[0]!.ticketNo]));
  await world.rest();
  await bought(world, -1);
});

test("I6: each ticket of an order on two trains is a trip, and the refusal says on which line and whose", async () => {
  const world = await createWorld({ policy: policyOf(2) });
  await bought(world, -1);
  const other = byStudent(0, { trainNumber: "G3", people: [0, student] });
  expect(await world.whyNot(1, [byStudent(0), other])).toMatchObject({ code: "StudentTripsUsed", line: 1, ticket: 1 });
});

test("I6: of two purchases at once for the last student trip one is made, and the other is rejected before it is paid", async () => {
  const world = await createWorld({ policy: { ...policyOf(1), order: { unpaidMax: 0 } } });
  const both = await Promise.all([world.submit(1, byStudent(0)), world.submit(1, byStudent(-1))]);
  await world.rest();
  const orders = await Promise.all(both.map((answer) => world.load(sold(answer).orderNo)));
  expect(orders.map(({ state }) => state).sort()).toEqual(["pendingPayment", "rejected"]);
  expect(orders.find(({ state }) => state === "rejected")!.endedBecause).toBe("StudentTripsUsed");
});

test("I6: a database that is silent or away keeps no purchase waiting for student trips: the writer still refuses the trip too many", async () => {
  for (const trouble of ["silent", "away"]) {
    const world = await createWorld({ policy: { ...policyOf(1), order: { unpaidMax: 0 } } });
    await bought(world, -1);
    const never = new Promise<void>(() => {});
    world.onPort = (call) => {
      if (call !== "store.studentTrips") return undefined;
      if (trouble === "away") throw new Error("away");
      return never;
    };
    const answers = Promise.all([world.submit(1, byStudent(0)), world.submit(2)]);
    await quiet();
    await world.advance(secondMs);
    const [asked, other] = await answers;
    world.onPort = () => {};
    await world.rest();
    expect(await world.load(sold(asked).orderNo)).toMatchObject({
      state: "rejected",
      endedBecause: "StudentTripsUsed",
    });
    expect(await world.load(sold(other).orderNo)).toMatchObject({ state: "pendingPayment" });
  }
});

test("seats of the waitlist are not given to who has no student trip left, and are passed on", async () => {
  const world = await createWorld({ policy: policyOf(1) });
  await bought(world, -1);
  const command = await granted(world, 50_000, 1 as UserId, [student]);
  expect(await world.room().client.fulfil(command)).toMatchObject({ ok: false, error: { code: "StudentTripsUsed" } });
});

test("without a limit in the policy nobody is asked about student trips, and where nobody buys at that fare neither", async () => {
  const calls: string[] = [];
  const onPort = (call: string) => void calls.push(call);
  const limited = await createWorld({ policy: { ...policyOf(1), order: { unpaidMax: 0 } } });
  limited.onPort = onPort;
  sold(await limited.submit(1, requestOf(1)));
  const free = await createWorld({ policy: { fares: { studentTrips: null } } });
  free.onPort = onPort;
  await bought(free, 0);
  await bought(free, -1);
  expect(calls.filter((call) => call.includes("studentTrips"))).toEqual([]);
  sold(await limited.submit(1, byStudent(3, { trainNumber: "G3" }), "another"));
  expect(calls).toContain("store.studentTrips");
});

/** Seats that the waitlist was given become an order by the steps of a purchase, and it is paid with the prepayment (I3, I7). */
import { expect, test } from "bun:test";
import { hourMs, type UserId } from "@chepiao/kernel";
import { child, createWorld, requestOf } from "./order.twin.ts";
import { granted } from "./waitedRules.suite.ts";

test("I3 I7: asked for twice at once and again later it is one order, ticketed, and the difference goes back once", async () => {
  const world = await createWorld();
  const command = await granted(world, 50_000);
  const { client } = world.room();
  const answers = await Promise.all([client.fulfil(command), client.fulfil(command)]);
  await world.rest();
  answers.push(await client.fulfil(command), await client.fulfil({ ...command, key: "another" }));
  expect(answers.map((answer) => answer.ok && answer.value)).toEqual(Array(4).fill(command.prepaid.orderNo));
  await world.rest();
  const order = await world.load(command.prepaid.orderNo);
  expect(order).toMatchObject({ state: "ticketed", paymentNo: command.prepaid.paymentNo, totalFen: 30_000 });
  expect(order.lines).toMatchObject([{ line: 0, holdLine: 2 }]);
  expect([...world.bank.refunds.values()]).toMatchObject([{ reason: "waitlistDifference", amountFen: 20_000 }]);
  expect(await world.free()).toBe(8);
  // Its seats are its own after a restart, and free again when it is given back.
  await world.restart();
  expect(await world.free()).toBe(8);
  await world.refund(
    7,
    order.orderNo,
    order.tickets.map(({ ticketNo }) => ticketNo),
  );
  await world.rest();
  expect(await world.free()).toBe(10);
});

test("I1 I3: a ticket of the waitlist is changed like any: its seat is free under the name that it was held by, its money is the prepayment", async () => {
  const world = await createWorld();
  const { orderId, prepaid, ...command } = await granted(world, 50_000);
  await world.room().client.fulfil({ orderId, prepaid, ...command });
  await world.rest();
  const old = await world.load(prepaid.orderNo);
  const ticketNos = [old.tickets[0]!.ticketNo];
  const answer = await world.change(7, old.orderNo, ticketNos, { trainNumber: "G3" });
  if (typeof answer === "string") throw new Error(answer);
  await world.rest();
  expect(await world.load(answer.orderNo)).toMatchObject({ state: "ticketed", paymentNo: prepaid.paymentNo });
  expect((await world.load(old.orderNo)).tickets.map(({ state }) => state)).toEqual(["changed", "issued"]);
  expect([await world.free("G1"), await world.free("G3")]).toEqual([9, 9]);
  await world.restart();
  expect([await world.free("G1"), await world.free("G3")]).toEqual([9, 9]);
});

test("I6: limits are asked for now; a refusal leaves the seats held, for the waitlist to give on, and is the last word", async () => {
  const world = await createWorld();
  await world.submit(7, requestOf(7, { trainNumber: "G2", people: [1] }));
  await world.rest();
  const command = await granted(world, 50_000);
  const refused = await world.room().client.fulfil(command);
  expect(refused).toMatchObject({ ok: false, error: { code: "TripOverlaps" } });
  expect(await world.room().client.fulfil(command)).toEqual(refused);
  expect(await world.free()).toBe(8);
  expect(world.bank.refunds.size).toBe(0);
});

test("I7: seats in a class that this process does not know yet are nobody else's: it is asked again, under the same key", async () => {
  const world = await createWorld();
  const command = await granted(world, 50_000);
  const { client } = world.room();
  const unknown = { ...command, line: { ...command.line, seatClass: "softSleeper" as const } };
  expect(await client.fulfil(unknown)).toMatchObject({ ok: false, error: { code: "ServiceUnavailable" } });
  expect(await world.free()).toBe(8);
  expect(await client.fulfil(command)).toEqual({ ok: true, value: command.prepaid.orderNo });
});

test("who goes with a child was asked when the entry was opened: one of before that rule is served", async () => {
  const world = await createWorld({ policy: { fares: { childWithAdult: true } } });
  expect(await world.submit(7, requestOf(7, { people: [child] }))).toBe("ChildWithoutAdult");
  const command = await granted(world, 50_000, 7 as UserId, [child]);
  expect(await world.room().client.fulfil(command)).toMatchObject({ ok: true });
  await world.rest();
  expect(await world.load(command.prepaid.orderNo)).toMatchObject({ state: "ticketed" });
});

test("a writer that is behind takes the prepayment before time to pay has ended the order", async () => {
  const world = await createWorld();
  const command = await granted(world, 30_000);
  await world.room().client.fulfil(command);
  await world.rest();
  const { acceptedAt, payBy } = await world.load(command.prepaid.orderNo);
  expect(payBy - acceptedAt).toBe(hourMs);
});

test("fares that have risen above the prepayment end it, and nothing is sold for less", async () => {
  const world = await createWorld();
  const command = await granted(world, 29_999);
  expect(await world.room().client.fulfil(command)).toMatchObject({ ok: false, error: { code: "OrderNotPayable" } });
  expect(await world.all()).toEqual([]);
});

test("another order of the account that waits for its money stands in nobody's way who has waited and paid", async () => {
  const world = await createWorld({ hoarding: { unpaidMax: 1, cancelsPerDay: 3, standingCancelsPerOne: 5 } });
  await world.submit(7, requestOf(7, { trainNumber: "G3", people: [2] }));
  expect((await world.room().client.fulfil(await granted(world, 30_000))).ok).toBe(true);
});

test("I7: what a process that has died had begun, another one finishes under the same key", async () => {
  const world = await createWorld();
  const command = await granted(world, 30_000);
  const { orderId, userId, key } = command;
  await world.life().submissions.enter([{ userId, key, requestHash: key, orderId, at: world.clock.now() }]);
  expect((await world.room().client.fulfil(command)).ok).toBe(true);
  await world.rest();
  expect(await world.load(command.prepaid.orderNo)).toMatchObject({ state: "ticketed", totalFen: 30_000 });
});

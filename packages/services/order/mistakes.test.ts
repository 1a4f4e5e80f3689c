/** What was bought by mistake is given back free of charge once an account and day, whatever is done at once and wherever a life ends. */
import { expect, test } from "bun:test";
import { dayMs, hourMs, minuteMs, type UserId } from "@chepiao/kernel";
import { createWorld, departure, requestOf, sold, type World } from "./order.twin.ts";

/** Ten hours before departure: a fifth of the fare is kept of what is no mistake. */
const evening = () => createWorld({ at: (departure - 10 * hourMs) as never });

async function bought(world: World, userId: number, person: number) {
  const { orderNo, totalFen } = sold(await world.submit(userId, requestOf(userId, { people: [person] })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const [ticket] = sold(await world.get(userId, orderNo)).tickets;
  return { orderNo, ticketNo: ticket!.ticketNo };
}
const ruleOf = async (world: World, userId: number, orderNo: string) =>
  sold(await world.quote(userId, orderNo)).tickets[0]!.rule;
const feeOf = async (world: World, { orderNo }: { orderNo: string }) =>
  Number((await world.load(orderNo)).tickets[0]!.feeFen);

test("the first is free, the second is not; on the next day one is free again, and others have their own", async () => {
  const world = await evening();
  const [first, second] = [await bought(world, 1, 0), await bought(world, 1, 1)];
  expect(sold(await world.quote(1, first.orderNo)).tickets[0]).toMatchObject({
    rule: "mistake",
    ruleName: { zh: "误购限时免费退票" },
    feeFen: 0,
    until: expect.any(String),
  });
  sold(await world.refund(1, first.orderNo, [first.ticketNo], 0));
  expect(await ruleOf(world, 1, second.orderNo)).toBe("grade");
  // Who was shown that it is free does not pay for it.
  expect(await world.refund(1, second.orderNo, [second.ticketNo], 0)).toBe("OrderChanged");
  expect(await ruleOf(world, 2, (await bought(world, 2, 2)).orderNo)).toBe("mistake");
  await world.advance(31 * minuteMs);
  // Past midnight at the railway.
  await world.advance(2 * hourMs);
  const tomorrow = await bought(world, 1, 3);
  expect(await ruleOf(world, 1, tomorrow.orderNo)).toBe("mistake");
});

test("of two orders given back at once one is free", async () => {
  const world = await evening();
  const orders = [await bought(world, 1, 0), await bought(world, 1, 1)];
  const answers = await Promise.all(orders.map(({ orderNo, ticketNo }) => world.refund(1, orderNo, [ticketNo])));
  answers.forEach(sold);
  expect((await Promise.all(orders.map((order) => feeOf(world, order)))).toSorted((a, b) => a - b)).toEqual([0, 3_000]);
});

test.each(["before", "after"] as const)(
  "a life that ends %s the refund is written leaves both it and its place, or neither",
  async (end) => {
    const world = await evening();
    const [order, other] = [await bought(world, 1, 0), await bought(world, 1, 1)];
    world.onPort = async (call, when) => {
      if (call !== "store.change" || when !== end) return;
      world.onPort = () => {};
      world.crash();
      await new Promise(() => {});
    };
    void world.refund(1, order.orderNo, [order.ticketNo]);
    await new Promise(setImmediate);
    await world.restart();
    await world.rest();
    const isBack = (await world.load(order.orderNo)).state === "refunded";
    expect(isBack).toBe(end === "after");
    expect(await ruleOf(world, 1, other.orderNo)).toBe(isBack ? "grade" : "mistake");
  },
);

test("what costs nothing anyway is no mistake", async () => {
  const world = await createWorld({ at: (departure - 9 * dayMs) as never });
  const order = await bought(world, 1, 0);
  sold(await world.refund(1, order.orderNo, [order.ticketNo]));
  const day = "2026-11-22";
  expect(await world.store.mistakesOf(1 as UserId, day as never)).toEqual([]);
});

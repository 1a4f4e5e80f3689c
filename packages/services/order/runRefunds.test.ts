/** A run that an operator has cancelled: nobody is left out, nobody has the money twice, and nothing else of an order goes back. */
import { expect, test } from "bun:test";
import { type OrderLines, type OrderRequest, type RunId, runId } from "@chepiao/contracts";
import { dayMs, hourMs, minuteMs, type OrderNo } from "@chepiao/kernel";
import {
  cancelNoticeMs,
  cancellationStandsMs,
  operatorSays,
  operatorShortens,
  operatorSource,
} from "@chepiao/ports/run-states";
import { createWorld, departure, requestOf, sold, travelDate, type World } from "./order.twin.ts";

const run = runId("G1", travelDate);

const say = (world: World, isCancelled: boolean, of: RunId = run) =>
  world.runStates.replace(operatorSource(of), operatorSays(of, isCancelled, world.clock.now()), world.clock.now());
async function cancel(world: World) {
  await say(world, true);
  await world.advance(cancelNoticeMs);
}
async function bought(world: World, userId: number, people: readonly number[], isPaid = true) {
  const { orderNo, totalFen } = sold(await world.submit(userId, requestOf(userId, { people: [...people] })));
  await world.rest();
  if (isPaid) await world.pay(orderNo, totalFen);
  return { orderNo, totalFen };
}
const statesOf = async (world: World, orderNo: string) => {
  const { state, tickets } = await world.load(orderNo);
  return [state, ...tickets.map((ticket) => ticket.state)];
};
const backOf = (world: World, orderNo: OrderNo | string) =>
  [...world.bank.refunds.values()].filter((due) => due.orderNo === orderNo).map((due) => Number(due.amountFen));
const both = (user: number): OrderLines<OrderRequest> => [requestOf(user), requestOf(user, { trainNumber: "G3" })];

test("all tickets of the run go back whole, those of other trains stay, and what is unpaid ends and counts against nobody", async () => {
  const world = await createWorld({
    at: (departure - 10 * hourMs) as never,
    hoarding: { ordersUnpaidMax: 1, cancelsPerDay: 1, standingCancelsPerOne: 0 } as never,
  });
  const paid = await bought(world, 1, [0, 1]);
  const unpaid = await bought(world, 2, [2], false);
  const two = sold(await world.submitLines(3, both(3)));
  await world.rest();
  await world.pay(two.orderNo, two.totalFen);
  await say(world, true);
  // Not before every process knows that it is not sold.
  await world.sweep();
  expect(await statesOf(world, paid.orderNo)).toEqual(["ticketed", "issued", "issued"]);
  await world.advance(cancelNoticeMs);
  await world.sweep();
  await world.sweep();
  await world.rest();
  expect(await statesOf(world, paid.orderNo)).toEqual(["refunded", "refunding", "refunding"]);
  expect(backOf(world, paid.orderNo)).toEqual([3_000, 3_000].map(() => paid.totalFen / 2));
  expect(await world.load(unpaid.orderNo)).toMatchObject({ state: "cancelled", endedBecause: "RunCancelled" });
  expect(await statesOf(world, two.orderNo)).toEqual(["ticketed", "refunding", "issued"]);
  const results = await world.store.runRefunds(run);
  expect(results.map(({ why, ticketCount }) => [why, ticketCount])).toEqual([
    [null, 2],
    [null, 1],
  ]);
  expect(results.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(
    [...world.bank.refunds.values()].reduce((sum, { amountFen }) => sum + amountFen, 0),
  );
  // Its buyer cancelled nothing, and buys on; also after a restart.
  await world.restart();
  sold(await world.submit(2, requestOf(2, { people: [2], trainNumber: "G3" })));
});

test.each(["store.change before", "store.change after", "outbox.sent before", "inventory.release before"])(
  "a life that ends at %s is followed by one that leaves nobody out and pays nobody twice",
  async (point) => {
    const world = await createWorld({ at: (departure - 10 * hourMs) as never });
    const orders = [await bought(world, 1, [0]), await bought(world, 2, [1, 2]), await bought(world, 3, [3])];
    await cancel(world);
    let calls = 0;
    world.onPort = async (call, when) => {
      if (`${call} ${when}` !== point || ++calls < 2) return;
      world.onPort = () => {};
      world.crash();
      await new Promise(() => {});
    };
    void world.sweep();
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    world.onPort = () => {};
    await world.restart();
    await world.sweep();
    await world.rest();
    for (const { orderNo, totalFen } of orders) {
      expect((await world.load(orderNo)).state).toBe("refunded");
      expect(backOf(world, orderNo).reduce((sum, amount) => sum + amount, 0)).toBe(totalFen);
    }
    expect((await world.store.runRefunds(run)).map(({ why }) => why)).toEqual([null, null, null]);
    expect(await world.store.holdersOn(run)).toEqual([]);
  },
);

test("of a train that is shortened tickets beyond go back whole, those within stay, and what is unpaid ends only beyond", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const order = async (user: number, from: string, to: string, isPaid = true) => {
    const { orderNo, totalFen } = sold(await world.submit(user, requestOf(user, { from, to })));
    await world.rest();
    if (isPaid) await world.pay(orderNo, totalFen);
    return orderNo;
  };
  const within = [await order(1, "A", "B"), await order(2, "B", "C"), await order(3, "A", "C", false)];
  const beyond = [await order(4, "A", "D"), await order(5, "C", "D"), await order(6, "B", "D", false)];
  const shorten = async (skipped: readonly number[]) => {
    const now = world.clock.now();
    await world.runStates.replace(operatorSource(run), operatorShortens(run, skipped, now), now);
    await world.advance(cancelNoticeMs);
    await world.sweep();
    await world.rest();
  };
  await shorten([3]);
  const states = async (orderNos: readonly string[]) =>
    Promise.all(orderNos.map(async (orderNo) => (await world.load(orderNo)).state));
  expect(await states(within)).toEqual(["ticketed", "ticketed", "pendingPayment"]);
  expect(await states(beyond)).toEqual(["refunded", "refunded", "cancelled"]);
  expect(sold(await world.quote(1, within[0]!)).tickets[0]!.rule).not.toBe("runCancelled");
  expect(await world.store.holdersOn(run, [3])).toEqual([]);
  // Shortened further, and then not at all: who is left goes back, too.
  await shorten([0, 3]);
  expect(await states(within)).toEqual(["refunded", "ticketed", "cancelled"]);
  await cancel(world);
  await world.sweep();
  await world.rest();
  expect(await states(within)).toEqual(["refunded", "refunded", "cancelled"]);
  expect((await world.store.runRefunds(run)).map(({ ticketCount, why }) => [ticketCount, why])).toEqual(
    [1, 1, 1, 1].map(() => [1, null]),
  );
});

test("while people are left to choose, what is unpaid ends, who asks has the money back, and nobody else until it is over", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const [kept, asks] = [await bought(world, 1, [0]), await bought(world, 2, [1])];
  const unpaid = await bought(world, 3, [2], false);
  const now = world.clock.now();
  await world.runStates.replace(operatorSource(run), operatorSays(run, true, now, hourMs), now);
  await world.advance(cancelNoticeMs);
  await world.sweep();
  expect(await world.load(unpaid.orderNo)).toMatchObject({ state: "cancelled", endedBecause: "RunCancelled" });
  sold(await world.refund(2, asks.orderNo, [`${asks.orderNo}-1`], 0));
  await world.advance(hourMs - cancelNoticeMs - 1);
  await world.sweep();
  await world.rest();
  expect((await world.load(kept.orderNo)).state).toBe("ticketed");
  expect(backOf(world, asks.orderNo)).toEqual([asks.totalFen]);
  await world.advance(1);
  await world.sweep();
  await world.rest();
  expect(backOf(world, kept.orderNo)).toEqual([kept.totalFen]);
});

test("who pays after the run was cancelled has the money back, whichever of the two was quicker", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const [one, other] = [await bought(world, 1, [0], false), await bought(world, 2, [1], false)];
  await cancel(world);
  await world.pay(one.orderNo, one.totalFen);
  await world.sweep();
  await world.pay(other.orderNo, other.totalFen);
  await world.sweep();
  await world.rest();
  expect([backOf(world, one.orderNo), backOf(world, other.orderNo)]).toEqual([[one.totalFen], [other.totalFen]]);
});

test("an order that cannot be changed is noted with the reason, and done when it can be", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const [stuck, other] = [await bought(world, 1, [0]), await bought(world, 2, [1])];
  await cancel(world);
  let fails = 1;
  world.onPort = (call, when) => {
    if (call === "store.change" && when === "before" && fails-- > 0) throw new Error("the disk is full");
  };
  await world.sweep();
  const whys = (await world.store.runRefunds(run)).map(({ why }) => why);
  expect(new Set(whys)).toEqual(new Set([null, "the disk is full"]));
  await world.sweep();
  await world.rest();
  expect((await world.store.runRefunds(run)).map(({ why }) => why)).toEqual([null, null]);
  for (const { orderNo, totalFen } of [stuck, other]) expect(backOf(world, orderNo)).toEqual([totalFen]);
});

test("where a train loses more and the second refund of an order fails, the reason is noted beside what went back before", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const lines: OrderLines<OrderRequest> = [
    requestOf(1, { to: "D", people: [0] }),
    requestOf(1, { to: "B", people: [1] }),
  ];
  const { orderNo, totalFen } = sold(await world.submitLines(1, lines));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const now = world.clock.now();
  await world.runStates.replace(operatorSource(run), operatorShortens(run, [3], now), now);
  await world.advance(cancelNoticeMs);
  await world.sweep();
  const noted = async () => (await world.store.runRefunds(run)).map(({ ticketCount, why }) => [ticketCount, why]);
  expect(await noted()).toEqual([[1, null]]);
  await cancel(world);
  let fails = 1;
  world.onPort = (call, when) => {
    if (call === "store.change" && when === "before" && fails-- > 0) throw new Error("the disk is full");
  };
  await world.sweep();
  expect(await noted()).toEqual([[1, "the disk is full"]]);
  await world.sweep();
  await world.rest();
  expect(await noted()).toEqual([[2, null]]);
  expect(backOf(world, orderNo).reduce((sum, amount) => sum + amount, 0)).toBe(totalFen);
});

test("what was taken back before anything was given back stays sold", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const { orderNo } = await bought(world, 1, [0]);
  await say(world, true);
  await world.advance(1_000);
  await say(world, false);
  await world.advance(minuteMs);
  await world.sweep();
  expect((await world.load(orderNo)).state).toBe("ticketed");
});

const feedSays = ({ runStates, clock }: World, isCancelled: boolean) =>
  runStates.replace("feed", operatorSays(run, isCancelled, clock.now()), clock.now());

test("of a train that does not run a ticket is given back free on request, also after it would have left, for thirty days", async () => {
  const world = await createWorld({ at: (departure - 10 * hourMs) as never });
  const { orderNo, totalFen } = await bought(world, 1, [0]);
  const [ticket] = (await world.load(orderNo)).tickets;
  await world.advance(10 * hourMs + dayMs);
  await world.sweep();
  expect(await statesOf(world, orderNo)).toEqual(["completed", "used"]);
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({ refundable: false, rule: "departed" });
  // As a feed says it: nobody goes through the orders. A slip of it frees nobody of a fee.
  await feedSays(world, true);
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({ refundable: false, rule: "departed" });
  await world.advance(cancellationStandsMs);
  // And then it names the train no more.
  await feedSays(world, false);
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({
    refundable: true,
    rule: "runCancelled",
    feeFen: 0,
  });
  sold(await world.refund(1, orderNo, [ticket!.ticketNo], 0));
  expect(await world.refund(1, orderNo, [ticket!.ticketNo], 0)).toBe("TicketNotRefundable");
  await world.rest();
  expect([await statesOf(world, orderNo), backOf(world, orderNo)]).toEqual([["refunded", "refunding"], [totalFen]]);

  const late = await createWorld({ at: (departure - 10 * hourMs) as never });
  const old = await bought(late, 1, [0]);
  await feedSays(late, true);
  await late.advance(32 * dayMs);
  expect(sold(await late.quote(1, old.orderNo)).tickets[0]!.refundable).toBe(false);
});

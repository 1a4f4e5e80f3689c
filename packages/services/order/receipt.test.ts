/** Receipts hold the money of an order: ticket by ticket, over refunds, changes and trains that do not run, as the bank has it. */
import { expect, test } from "bun:test";
import type { Call, orderRoutes, Receipt } from "@chepiao/contracts";
import { createPrng, type OrderNo } from "@chepiao/kernel";
import { decideRunCancelled } from "./decide.ts";
import { createWorld, requestOf, sold, type World } from "./order.twin.ts";

async function receipt(world: World, userId: number, orderNo: string): Promise<Receipt | string> {
  const session = { sessionId: "s", userId, role: "passenger" };
  const call = { session, params: { orderNo } } as unknown as Call<typeof orderRoutes.receipt>;
  const answer = await world.room().handlers.receipt(call);
  return answer.ok ? (answer.value.body as Receipt) : answer.error.code;
}
const receiptOf = async (world: World, orderNo: string) => sold(await receipt(world, 1, orderNo));

async function bought(world: World, people: readonly number[], seatClass: "first" | "second" = "second") {
  const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, { people, seatClass })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  return orderNo;
}
const ticketNosOf = async (world: World, orderNo: string) =>
  (await world.load(orderNo)).tickets.map(({ ticketNo }) => ticketNo);

test("a receipt names who bought, who travels and each ticket with its fare, and is its owner's alone", async () => {
  const world = await createWorld();
  const orderNo = await bought(world, [0, 1]);
  const found = await receiptOf(world, orderNo);
  const { totalFen } = await world.load(orderNo);
  expect(found).toMatchObject({
    currency: "CNY",
    buyer: { name: "乘客0" },
    paidFen: totalFen,
    spentFen: totalFen,
    feeFen: 0,
    refundFen: 0,
    carriedInFen: 0,
    carriedFen: 0,
    tickets: [
      { passengerName: "乘客0", documentMasked: "1101**********0012", trainNumber: "G1", fareFen: totalFen / 2 },
      { passengerName: "乘客1", spentFen: totalFen / 2, state: "issued" },
    ],
  });
  expect(await receipt(world, 2, orderNo)).toBe("OrderUnknown");
});

test("an order that was not paid has none", async () => {
  const world = await createWorld();
  const { orderNo } = sold(await world.submit(1));
  await world.rest();
  expect(await receipt(world, 1, orderNo)).toBe("NoReceipt");
  sold(await world.cancel(1, orderNo));
  expect(await receipt(world, 1, orderNo)).toBe("NoReceipt");
});

test("of a ticket that was given back there is its fee and what went back; of one whose train does not run all of it", async () => {
  const world = await createWorld({ policy: { refund: { mistake: null, grades: [{ hoursBefore: 0, percent: 20 }] } } });
  const orderNo = await bought(world, [0, 1]);
  const [first] = await ticketNosOf(world, orderNo);
  sold(await world.refund(1, orderNo, [first!]));
  const { tickets, ...sums } = await receiptOf(world, orderNo);
  const { fareFen } = tickets[0]!;
  expect(tickets[0]).toMatchObject({ feeFen: fareFen / 5, refundFen: (fareFen * 4) / 5, spentFen: 0, carriedFen: 0 });
  expect(sums).toMatchObject({ spentFen: fareFen, feeFen: fareFen / 5, refundFen: (fareFen * 4) / 5 });
  const order = await world.load(orderNo);
  const change = decideRunCancelled(order, { runId: order.lines[0].runId, skipped: null })!;
  await world.store.change([change], world.clock.now());
  expect((await receiptOf(world, orderNo)).tickets[1]).toMatchObject({ feeFen: 0, refundFen: fareFen, spentFen: 0 });
});

test("a change that costs more is paid anew, one that costs less stays on the payment that it had: both receipts add up", async () => {
  for (const [from, to] of [
    ["second", "first"],
    ["first", "second"],
  ] as const) {
    const world = await createWorld();
    const orderNo = await bought(world, [0], from);
    const accepted = sold(await world.change(1, orderNo, await ticketNosOf(world, orderNo), { seatClass: to }));
    await world.rest();
    if ((await world.load(accepted.orderNo)).state === "pendingPayment")
      await world.pay(accepted.orderNo, accepted.totalFen);
    const [old, next] = [await receiptOf(world, orderNo), await receiptOf(world, accepted.orderNo)];
    const isCarried = from === "first";
    expect(old.tickets[0]).toMatchObject({ state: "changed", spentFen: 0, replacedBy: accepted.orderNo });
    expect([next.paidFen > 0, next.carriedInFen > 0, old.carriedFen]).toEqual([
      !isCarried,
      isCarried,
      next.carriedInFen,
    ]);
    expect(next).toMatchObject({ replaces: orderNo, spentFen: accepted.totalFen });
  }
});

test("I3: over random lives the receipts of a payment are what the bank has of it", async () => {
  const seed = Number(process.env["SEED"] ?? 20261130);
  const prng = createPrng(seed);
  const world = await createWorld();
  const orders: OrderNo[] = [];
  for (let n = 0; n < 6; n++) {
    const orderNo = await bought(
      world,
      prng.chance(0.5) ? [n] : [n, n + 6],
      prng.chance(0.3) ? "first" : "second",
    ).catch(() => null);
    if (orderNo !== null) orders.push(orderNo as OrderNo);
    for (const each of orders.slice()) {
      const valid = (await world.load(each)).tickets.filter(({ state }) => state === "issued");
      const some = valid.filter(() => prng.chance(0.4)).map(({ ticketNo }) => ticketNo);
      if (some.length === 0) continue;
      if (prng.chance(0.5)) await world.refund(1, each, some);
      else {
        const changed = await world.change(1, each, some, { seatClass: prng.chance(0.5) ? "first" : "second" });
        if (typeof changed === "string") continue;
        await world.rest();
        const { state } = await world.load(changed.orderNo);
        if (state === "pendingPayment") await world.pay(changed.orderNo, changed.totalFen);
        orders.push(changed.orderNo as OrderNo);
      }
      await world.rest();
    }
  }
  const receipts = await Promise.all(orders.map((orderNo) => receiptOf(world, orderNo)));
  expect([seed, receipts.length > 4]).toEqual([seed, true]);
  for (const [paymentNo, some] of Map.groupBy(receipts, (each) => each.paymentNo)) {
    const total = (part: "feeFen" | "paidFen" | "refundFen" | "spentFen") =>
      some.reduce((sum, each) => sum + each[part], 0);
    const gone = [...world.bank.refunds.values()].filter((each) => each.paymentNo === paymentNo);
    const goneFen = gone.reduce((sum, each) => sum + each.amountFen, 0);
    const taken = world.bank.taken.get(paymentNo)!.amountFen;
    expect([seed, paymentNo, total("paidFen"), total("refundFen")]).toEqual([seed, paymentNo, taken, goneFen]);
    expect([seed, total("spentFen") + total("feeFen")]).toEqual([seed, taken - goneFen]);
  }
});

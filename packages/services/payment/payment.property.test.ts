/** I3 and I7 at once: whatever comes in whatever order, what was captured is what is kept plus what went back. */
import { expect, test } from "bun:test";
import type { Payment, PaymentCaptured, RefundSettled } from "@chepiao/contracts";
import { createPrng, dayMs, fen, hourMs, minuteMs, secondMs, type UserId } from "@chepiao/kernel";
import type { RawNotice } from "@chepiao/ports/payment-provider";
import { amount, createWorld, dueFor } from "./payment.twin.ts";

const seedCount = 120;
const stepCount = 60;

test("captured is kept plus refunded, and an order is paid once, over random histories", async () => {
  for (let seed = 1; seed <= seedCount; seed++) {
    try {
      await history(seed);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

async function history(seed: number): Promise<void> {
  const prng = createPrng(seed);
  const world = createWorld();
  const { bank, otherBank, room, otherRoom, clock, store, tell, ask, heard } = world;
  const orders = Array.from({ length: 3 }, (_, index) => world.order((index + 7) as UserId));
  const userOf = (orderNo: string) => orders.indexOf(orderNo as never) + 7;
  const notices: { notice: RawNotice; channel: string }[] = [];
  const endedOrders = new Set<string>();
  let gaveBack = 0;

  /** The order room: what it hears of an ended order it sends back, and sometimes it says so twice. */
  const hear = async () => {
    for (const record of await heard("order-pay-topic")) {
      const { paymentNo, orderNo, amountFen } = record.value as PaymentCaptured;
      if (!endedOrders.has(orderNo)) continue;
      const due = dueFor(
        { paymentNo, orderNo },
        { refundNo: `late-${paymentNo}`, ticketNo: null, amountFen, feeFen: fen(0), reason: "latePayment" },
      );
      if (prng.chance(0.3)) await Promise.all([ask(due), ask(due, otherRoom)]);
      else await ask(due);
    }
  };

  const steps: (() => Promise<unknown>)[] = [
    async () => {
      const orderNo = prng.pick(orders);
      await world.pay(orderNo, { userId: userOf(orderNo), channel: prng.pick(["memory", "other"]) });
    },
    async () => {
      const files = await store.byOrder(prng.pick(orders));
      if (files.length === 0) return;
      const { paymentNo, channel } = prng.pick(files).payment;
      const teller = channel === "memory" ? bank : otherBank;
      const taken = prng.chance(0.8) ? amount : fen(1 + prng.below(2 * amount));
      notices.push({ notice: teller.pay(paymentNo, taken, clock.now()).notice, channel });
    },
    async () => {
      if (notices.length === 0) return;
      const { notice, channel } = prng.pick(notices);
      if (prng.chance(0.2)) {
        const { forge } = (channel === "memory" ? bank : otherBank).language;
        expect(await tell(forge(notice, { tradeNo: `forged${prng.below(9)}` }), channel)).toBe("refused");
      } else {
        const told = await Promise.all([tell(notice, channel), tell(notice, channel, otherRoom)]);
        expect(told).toEqual(["received", "received"]);
      }
    },
    // Every notice there is, to both processes at once.
    async () => {
      const told = notices.map(({ notice, channel }) => tell(notice, channel, prng.pick([room, otherRoom])));
      expect(new Set(await Promise.all(told)).size).toBeLessThanOrEqual(1);
    },
    () => Promise.all([room.pollForMoney(), otherRoom.pollForMoney()]),
    () => Promise.all([room.refundWhatIsDue(), otherRoom.refundWhatIsDue()]),
    () => clock.advance(prng.pick([secondMs, 20 * secondMs, 5 * minuteMs, 3 * hourMs])),
    async () => prng.pick([bank, otherBank]).cut(prng.pick(["query", "refund", "start"]), prng.below(4)),
    async () => prng.pick([bank, otherBank]).delayRefunds(prng.below(3)),
    async () => {
      const orderNo = prng.pick(orders);
      const file = (await store.byOrder(orderNo)).find(({ payment }) => payment.state === "captured");
      if (!file || endedOrders.has(orderNo)) return;
      // A ticket is given back: of three, the same one perhaps more than once.
      const ticketNo = `K${prng.below(3)}`;
      const refundNo = `ticket-${orderNo}-${ticketNo}`;
      const known = file.refunds.some((refund) => refund.refundNo === refundNo);
      if (!known) gaveBack += 1;
      const due = dueFor(file.payment, { refundNo, ticketNo, amountFen: fen(15_000), feeFen: fen(3_000) });
      // A notice comes once more at the same moment, to the other process.
      const [again] = notices.filter(({ channel }) => channel === file.payment.channel);
      await Promise.all([ask(due), again && tell(again.notice, again.channel, otherRoom)]);
    },
    async () => {
      const orderNo = prng.pick(orders);
      const untouched = (await store.byOrder(orderNo)).every(({ payment }) => payment.state !== "captured");
      if (untouched && prng.chance(0.3)) {
        endedOrders.add(orderNo);
        world.owners.set(orderNo, { userId: userOf(orderNo) as UserId, payable: false });
      }
    },
    hear,
  ];
  for (let step = 0; step < stepCount; step++) await prng.pick(steps)();

  // The world heals: everybody answers, and time goes on until nothing is left to do.
  for (const each of [bank, otherBank]) {
    for (const call of ["query", "refund", "start"] as const) each.cut(call, 0);
    each.delayRefunds(0);
  }
  for (let turn = 0; turn < 12; turn++) {
    await clock.advance(6 * hourMs + (turn === 11 ? dayMs : 0));
    await room.pollForMoney();
    await hear();
    await room.refundWhatIsDue();
  }

  const books = [bank.books(), otherBank.books()];
  const takenFen = books.reduce((sum, each) => sum + each.takenFen, 0);
  const givenBackFen = books.reduce((sum, each) => sum + each.givenBackFen, 0);
  const files = (await Promise.all(orders.map((orderNo) => store.byOrder(orderNo)))).flat();
  const payingFen = files
    .flatMap(({ trades }) => trades)
    .reduce((sum, trade) => sum + (trade.paysOrder ? trade.amountFen : 0), 0);
  const askedBackFen = files
    .flatMap(({ refunds }) => refunds)
    .filter(({ reason }) => reason === "ticketReturned" || reason === "latePayment")
    .reduce((sum, refund) => sum + refund.amountFen, 0);

  // Our books say what the banks' say, and nothing but what pays an order was kept.
  expect(await store.totals()).toEqual({
    capturedFen: fen(takenFen),
    refundedFen: fen(givenBackFen),
    refundDueFen: fen(0),
    feeFen: fen(gaveBack * 3_000),
  });
  expect(takenFen - givenBackFen).toBe(payingFen - askedBackFen);
  const told = (await heard("order-pay-topic")).map(({ value }) => (value as PaymentCaptured).orderNo);
  expect(new Set(told).size).toBe(told.length);
  const settled = (await heard("payment-settled-topic")).map(({ value }) => (value as RefundSettled).refundNo);
  expect(new Set(settled).size).toBe(settled.length);
  for (const orderNo of orders) {
    const arrived = files.some(
      ({ payment, trades }) => payment.orderNo === orderNo && trades.some((trade) => trade.amountFen === amount),
    );
    expect(told.includes(orderNo)).toBe(arrived);
    if (!endedOrders.has(orderNo) || !arrived) continue;
    const shown = (await world.status(orderNo, userOf(orderNo))) as Payment;
    expect(shown.refunds.every(({ state }) => state === "settled")).toBe(true);
  }
}

/**
 * The rules of the books as the room keeps them, on every store: what arrives twice is written once, no fen is without a place
 * (I3, I7), and of processes that decide about one order at the same moment one is first and the others see what it did.
 */
import { expect, test } from "bun:test";
import { capturedSecret, capturedText, type RefundDue, runId } from "@chepiao/contracts";
import {
  createPrng,
  type EpochMs,
  epochMs,
  type Fen,
  fen,
  hourMs,
  minuteMs,
  type OrderId,
  orderNoOf,
  secondMs,
  serviceDate,
  slotOfUser,
  type UserId,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import type { Outbox } from "@chepiao/ports/outbox";
import { type OpenPayment, paymentNoOf, type PaymentStore, type Trade } from "@chepiao/ports/payment-store";
import { createMemoryVault, macBy } from "@chepiao/ports/vault";
import { createPaymentClient } from "./queries.ts";
import { type Books, createBooks } from "./store.ts";

type Subject = {
  /** The same books as so many processes have them. */
  readonly stores: readonly [PaymentStore, PaymentStore];
  readonly outbox: Outbox;
  close?(): Promise<void>;
};

type Open = { readonly store: PaymentStore; readonly outbox: Outbox; readonly books: readonly [Kept, Kept] };
/** The books by payment number, as the tests speak of them. */
type Kept = Omit<Books, "receive" | "giveUp"> & {
  capture(paymentNo: string, trade: Trade): Promise<string>;
  giveUp(paymentNo: string): Promise<void>;
};

export function paymentBooksSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  const rule = (name: string, check: (open: Open) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => {
      const { stores, outbox, close } = await create();
      try {
        const [one, other] = stores;
        await check({ store: one, outbox, books: [keptIn(one), keptIn(other)] });
      } finally {
        await close?.();
      }
    });

  rule("the first trade of the right amount captures, and the order hears of it once", async (open) => {
    const { store, outbox, books } = open;
    const { paymentNo } = await store.open(opening(1), now);
    expect(await books[0].capture(paymentNo, trade("T1"))).toBe("captured");
    expect(await books[1].capture(paymentNo, trade("T1"))).toBe("seen");
    const told = { paymentNo, orderNo, amountFen: amount, capturedAt: trade("T1").paidAt };
    expect(await createPaymentClient(store).captured(paymentNo)).toEqual(told);
    expect(await createPaymentClient(store).captured(numbered(2))).toBeNull();
    expect(await records(outbox)).toEqual([
      {
        topic: "order-pay-topic",
        key: "G1/2026-12-01",
        value: { ...told, mac: macBy(vault, capturedSecret)(capturedText(told)) },
      },
    ]);
    const [file] = await store.byOrder(orderNo);
    expect(file!.payment.state).toBe("captured");
    expect(file!.trades).toEqual([{ ...trade("T1"), paysOrder: true }]);
    expect(file!.refunds).toEqual([]);
  });

  rule("one trade told to two processes by many at once is captured once", async ({ store, outbox, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const told = await Promise.all(Array.from({ length: 8 }, (_, n) => books[n % 2]!.capture(paymentNo, trade("T1"))));
    expect(told.toSorted()).toEqual(["captured", ...Array.from({ length: 7 }, () => "seen")]);
    expect(await records(outbox)).toHaveLength(1);
  });

  rule("of many trades told to two processes at once one pays and all others go back", async (open) => {
    const { store, outbox, books } = open;
    const a = await store.open(opening(1), now);
    const b = await store.open({ ...opening(2), channel: "b" }, now);
    const told = await Promise.all(
      Array.from({ length: 8 }, (_, n) => books[n % 2]!.capture((n < 4 ? a : b).paymentNo, trade(`T${n % 4}`))),
    );
    expect(told.toSorted()).toEqual(["captured", ...Array.from({ length: 7 }, () => "duplicatePayment")]);
    expect(await records(outbox)).toHaveLength(1);
    expect(await store.totals()).toMatchObject({ capturedFen: fen(8 * amount), refundDueFen: fen(7 * amount) });
    const files = await store.byOrder(orderNo);
    expect(files.flatMap(({ trades }) => trades.filter(({ paysOrder }) => paysOrder))).toHaveLength(1);
    expect(files.map(({ payment }) => payment.state).toSorted()).toEqual(["captured", "created"]);
  });

  rule("a trade that was told for one payment is not money for another", async ({ store, outbox, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const stranger = 4_712 as UserId;
    const theirs = { userId: stranger, orderNo: orderNoOf((slotOfUser(stranger) + 2048) as OrderId) };
    const other = await store.open({ ...opening(2), ...theirs, paymentNo: paymentNoOf(stranger, 1_000_002) }, now);
    expect(await books[0].capture(paymentNo, trade("T1"))).toBe("captured");
    expect(await books[0].capture(other.paymentNo, trade("T1"))).toBe("seen");
    expect(await records(outbox)).toHaveLength(1);
    expect((await store.totals()).capturedFen).toBe(amount);
  });

  rule("a second trade is recorded and goes back whole", async ({ store, outbox, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await books[0].capture(paymentNo, trade("T1"));
    expect(await books[0].capture(paymentNo, trade("T2"))).toBe("duplicatePayment");
    expect(await books[1].capture(paymentNo, trade("T2"))).toBe("seen");
    expect(await records(outbox)).toHaveLength(1);
    const refunds = await store.dueRefunds(now, 10);
    expect(refunds).toHaveLength(1);
    expect(refunds[0]).toMatchObject({
      tradeNo: "T2",
      amountFen: amount,
      feeFen: 0,
      reason: "duplicatePayment",
      state: "due",
    });
  });

  rule("an order paid through one channel is not paid again through another", async ({ store, outbox, books }) => {
    const a = await store.open(opening(1), now);
    const b = await store.open({ ...opening(2), channel: "b" }, now);
    const told = await Promise.all([
      books[0].capture(a.paymentNo, trade("T1")),
      books[1].capture(b.paymentNo, trade("T1")),
    ]);
    expect(told.toSorted()).toEqual(["captured", "duplicatePayment"]);
    expect(await records(outbox)).toHaveLength(1);
    expect(await store.totals()).toMatchObject({ capturedFen: fen(2 * amount), refundDueFen: amount });
  });

  rule("a wrong amount is recorded, goes back whole, and pays for nothing", async ({ store, outbox, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    expect(await books[0].capture(paymentNo, trade("T1", fen(amount - 1)))).toBe("wrongAmount");
    expect(await createPaymentClient(store).captured(paymentNo)).toBeNull();
    expect(await records(outbox)).toEqual([]);
    expect((await store.find(paymentNo))!.state).toBe("created");
    const [refund] = await store.dueRefunds(now, 10);
    expect(refund).toMatchObject({ reason: "wrongAmount", amountFen: amount - 1 });
    expect(await books[0].capture(paymentNo, trade("T2"))).toBe("captured");
  });

  rule("money that arrives after the payment was closed still captures", async ({ store, outbox, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await books[0].giveUp(paymentNo);
    await books[1].giveUp(paymentNo);
    expect((await store.find(paymentNo))!.state).toBe("closed");
    expect(await books[0].capture(paymentNo, trade("T1"))).toBe("captured");
    expect((await store.find(paymentNo))!.state).toBe("captured");
    await books[0].giveUp(paymentNo);
    expect((await store.find(paymentNo))!.state).toBe("captured");
    expect(await records(outbox)).toHaveLength(1);
  });

  rule("a payment that is given up while its money comes is captured, whoever is quicker", async (open) => {
    const { store, outbox, books } = open;
    const { paymentNo } = await store.open(opening(1), now);
    const [, told] = await Promise.all([books[0].giveUp(paymentNo), books[1].capture(paymentNo, trade("T1"))]);
    expect(told).toBe("captured");
    expect((await store.find(paymentNo))!.state).toBe("captured");
    expect(await records(outbox)).toHaveLength(1);
  });

  rule("a refund asked for twice is one refund", async ({ store, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await books[0].capture(paymentNo, trade("T1"));
    const due = returned(paymentNo, "R1", 900, 100);
    const asked = await Promise.all([books[0].addRefund(due), books[1].addRefund(due)]);
    expect(asked.toSorted()).toEqual(["added", "seen"]);
    expect(await store.dueRefunds(now, 10)).toEqual([
      {
        refundNo: "R1",
        paymentNo,
        orderNo,
        runId: runId("G1", serviceDate("2026-12-01")),
        channel: "a",
        tradeNo: "T1",
        ticketNo: "K1",
        amountFen: fen(900),
        feeFen: fen(100),
        reason: "ticketReturned",
        state: "due",
        attempts: 0,
      },
    ]);
  });

  rule("refunds and fees together never exceed the trade that paid", async ({ store, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const ask = (refundNo: string, amountFen: number, feeFen: number, of = paymentNo) =>
      books[0].addRefund(returned(of, refundNo, amountFen, feeFen));
    expect(await ask("R0", 1, 0)).toBe("impossible");
    await books[0].capture(paymentNo, trade("T1"));
    await books[0].capture(paymentNo, trade("T2"));
    expect(await ask("R1", amount - 100, 60)).toBe("added");
    expect(await ask("R2", 40, 1)).toBe("impossible");
    expect(await ask("R3", -40, 0)).toBe("impossible");
    expect(await ask("R4", 40, 0)).toBe("added");
    expect(await ask("R5", 1, 0, numbered(7))).toBe("impossible");
    expect(await store.totals()).toEqual({
      capturedFen: fen(2 * amount),
      refundedFen: fen(0),
      refundDueFen: fen(2 * amount - 60),
      feeFen: fen(60),
    });
  });

  rule("of refunds that two processes decide on at once no more are added than the money holds", async (open) => {
    const { store, books } = open;
    const { paymentNo } = await store.open(opening(1), now);
    await books[0].capture(paymentNo, trade("T1"));
    const third = Math.floor(amount / 3);
    const asked = await Promise.all(
      Array.from({ length: 6 }, (_, n) => books[n % 2]!.addRefund(returned(paymentNo, `R${n}`, third, 0))),
    );
    expect(asked.toSorted()).toEqual(["added", "added", "added", "impossible", "impossible", "impossible"]);
    expect(await store.totals()).toMatchObject({ refundDueFen: fen(3 * third) });
  });

  rule("a refund is settled once, and the order hears of it once", async ({ store, outbox, books }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await books[0].capture(paymentNo, trade("T1"));
    await books[0].addRefund(returned(paymentNo, "R1", 900, 100));
    const [refund] = await store.dueRefunds(now, 10);
    const told = await Promise.all([books[0].settle(refund!), books[1].settle(refund!)]);
    expect(told.filter(Boolean)).toHaveLength(1);
    const [file] = await store.byOrder(orderNo);
    expect(await books[0].settle(file!.refunds[0]!)).toBe(false);
    expect((await records(outbox)).slice(1)).toEqual([
      {
        topic: "payment-settled-topic",
        key: "G1/2026-12-01",
        value: { refundNo: "R1", paymentNo, orderNo, ticketNo: "K1" },
      },
    ]);
  });

  rule("whatever two processes do at once, what was captured pays the order or goes back", async (open) => {
    for (const seed of [1, 2, 3, 4, 5]) await race(open, seed);
  });
}

/** A dozen things at once about one order, on two processes. */
async function race({ store, outbox, books }: Open, seed: number): Promise<void> {
  const prng = createPrng(seed);
  const userId = (user + seed * 7) as UserId;
  const mine = orderNoOf((slotOfUser(userId) + 2048 * (seed + 10)) as OrderId);
  const open = async (no: number, channel: string) =>
    (await store.open({ ...opening(no), userId, orderNo: mine, channel, paymentNo: paymentNoOf(userId, no) }, now))
      .paymentNo;
  const payments = [await open(2_000_000 + seed, "a"), await open(3_000_000 + seed, "b")];
  const before = (await records(outbox)).length;
  await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      const kept = books[n % 2]!;
      const paymentNo = prng.pick(payments);
      const what = prng.below(6);
      if (what === 0) return kept.giveUp(paymentNo);
      if (what === 1)
        return kept.addRefund({ ...returned(paymentNo, `R${seed}-${n % 3}`, 30_000, 500), orderNo: mine });
      const taken = prng.chance(0.8) ? amount : fen(1 + prng.below(amount));
      return kept.capture(paymentNo, trade(`S${seed}-${prng.below(4)}`, taken));
    }),
  );
  const files = await store.byOrder(mine);
  const paying = files.flatMap(({ trades }) => trades).filter(({ paysOrder }) => paysOrder);
  const explained = `seed ${seed}: ${JSON.stringify(files)}`;
  expect({ explained, paying: paying.length <= 1 }).toEqual({ explained, paying: true });
  expect({ explained, told: (await records(outbox)).length - before }).toEqual({ explained, told: paying.length });
  for (const { trades, refunds } of files) {
    for (const { tradeNo, amountFen, paysOrder } of trades) {
      const backFen = refunds
        .filter((refund) => refund.tradeNo === tradeNo)
        .reduce((sum, refund) => sum + refund.amountFen + refund.feeFen, 0);
      const isPlaced = paysOrder ? backFen <= amountFen : backFen === amountFen;
      expect({ explained, tradeNo, isPlaced }).toEqual({ explained, tradeNo, isPlaced: true });
    }
  }
}

function keptIn(store: PaymentStore): Kept {
  const books = createBooks({ store, clock: createManualClock(now), vault });
  const payment = async (paymentNo: string) => (await store.find(paymentNo))!;
  return {
    ...books,
    capture: async (paymentNo, arrived) => books.receive(await payment(paymentNo), arrived),
    giveUp: async (paymentNo) => books.giveUp(await payment(paymentNo)),
  };
}

const vault = createMemoryVault();
const now = epochMs(Date.UTC(2026, 10, 1));
const later = (byMs: number): EpochMs => epochMs(now + byMs);
const amount = fen(55_300);
const user = 4_711 as UserId;
const orderNo = orderNoOf((slotOfUser(user) + 2048) as OrderId);
const numbered = (no: number): string => paymentNoOf(user, 1_000_000 + no);

const opening = (no: number): OpenPayment => ({
  paymentNo: numbered(no),
  orderNo,
  purpose: "order",
  runId: runId("G1", serviceDate("2026-12-01")),
  userId: user,
  channel: "a",
  amountFen: amount,
  payBy: later(15 * minuteMs),
  pollAt: later(10 * secondMs),
});
const trade = (tradeNo: string, amountFen: Fen = amount): Trade => ({
  tradeNo,
  amountFen,
  paidAt: later(3 * secondMs),
});
const returned = (paymentNo: string, refundNo: string, amountFen: number, feeFen: number): RefundDue => ({
  refundNo,
  paymentNo,
  orderNo,
  ticketNo: "K1",
  amountFen: fen(amountFen),
  feeFen: fen(feeFen),
  reason: "ticketReturned",
});
const records = async (outbox: Outbox) => (await outbox.pending(later(72 * hourMs), 100)).map(({ record }) => record);

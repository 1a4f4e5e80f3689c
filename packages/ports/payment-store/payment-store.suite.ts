/** The rules of the books, for every store: what arrives twice is written once, and no fen is without a place (I3, I7). */
import { expect, test } from "bun:test";
import { type RefundDue, runId } from "@chepiao/contracts";
import {
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
import type { Outbox } from "@chepiao/ports/outbox";
import { paymentNoOf } from "./payment-no.ts";
import type { OpenPayment, PaymentStore, Trade } from "./payment-store.ts";

type Subject = { readonly store: PaymentStore; readonly outbox: Outbox; close?(): Promise<void> };

export function paymentStoreSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  const rule = (name: string, check: (subject: Subject) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => {
      const subject = await create();
      try {
        await check(subject);
      } finally {
        await subject.close?.();
      }
    });

  rule("an order has one payment a channel, however often it is opened", async ({ store }) => {
    const first = await store.open(opening(1), now);
    expect(first).toMatchObject({ paymentNo: opening(1).paymentNo, state: "created", payUrl: null, createdAt: now });
    expect(await store.open({ ...opening(1), paymentNo: numbered(99) }, later(5))).toEqual(first);
    await store.started(first.paymentNo, "https://pay.example/1");
    expect(await store.find(first.paymentNo)).toEqual({ ...first, payUrl: "https://pay.example/1" });
    expect(await store.find(numbered(99))).toBeNull();
    expect(await store.find("nonsense")).toBeNull();
    const together = await Promise.all(
      [2, 3].map((no) => store.open({ ...opening(1), paymentNo: numbered(no), channel: "b" }, now)),
    );
    expect(together[0]).toEqual(together[1]);
    const files = await store.byOrder(orderNo);
    expect(files.map(({ payment }) => payment.channel)).toEqual(["a", "b"]);
    expect(files[0]).toEqual({ payment: { ...first, payUrl: "https://pay.example/1" }, trades: [], refunds: [] });
  });

  rule("the first trade of the right amount captures, and the order hears of it once", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    expect(await store.capture(paymentNo, trade("T1"), later(5))).toBe("captured");
    expect(await store.capture(paymentNo, trade("T1"), later(6))).toBe("seen");
    expect(await records(outbox)).toEqual([
      {
        topic: "order-pay-topic",
        key: "G1/2026-12-01",
        value: { paymentNo, orderNo, amountFen: amount, capturedAt: trade("T1").paidAt },
      },
    ]);
    const [file] = await store.byOrder(orderNo);
    expect(file!.payment.state).toBe("captured");
    expect(file!.trades).toEqual([{ ...trade("T1"), paysOrder: true }]);
    expect(file!.refunds).toEqual([]);
  });

  rule("one trade told by many at once is captured once", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const told = await Promise.all(Array.from({ length: 8 }, () => store.capture(paymentNo, trade("T1"), now)));
    expect(told.toSorted()).toEqual(["captured", ...Array.from({ length: 7 }, () => "seen")].toSorted() as never);
    expect(await records(outbox)).toHaveLength(1);
  });

  rule("a trade that was told for one payment is not money for another", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const stranger = 4_712 as UserId;
    const theirs = { userId: stranger, orderNo: orderNoOf((slotOfUser(stranger) + 2048) as OrderId) };
    const other = await store.open({ ...opening(2), ...theirs, paymentNo: paymentNoOf(stranger, 1_000_002) }, now);
    expect(await store.capture(paymentNo, trade("T1"), now)).toBe("captured");
    expect(await store.capture(other.paymentNo, trade("T1"), now)).toBe("seen");
    expect(await records(outbox)).toHaveLength(1);
    expect((await store.totals()).capturedFen).toBe(amount);
  });

  rule("a second trade is recorded and goes back whole", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await store.capture(paymentNo, trade("T1"), now);
    expect(await store.capture(paymentNo, trade("T2"), now)).toBe("duplicatePayment");
    expect(await store.capture(paymentNo, trade("T2"), now)).toBe("seen");
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

  rule("an order paid through one channel is not paid again through another", async ({ store, outbox }) => {
    const a = await store.open(opening(1), now);
    const b = await store.open({ ...opening(2), channel: "b" }, now);
    const told = await Promise.all([
      store.capture(a.paymentNo, trade("T1"), now),
      store.capture(b.paymentNo, trade("T1"), now),
    ]);
    expect(told.toSorted()).toEqual(["captured", "duplicatePayment"]);
    expect(await records(outbox)).toHaveLength(1);
    expect(await store.totals()).toMatchObject({ capturedFen: fen(2 * amount), refundDueFen: amount });
  });

  rule("a wrong amount is recorded, goes back whole, and pays for nothing", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    expect(await store.capture(paymentNo, trade("T1", fen(amount - 1)), now)).toBe("wrongAmount");
    expect(await records(outbox)).toEqual([]);
    expect((await store.find(paymentNo))!.state).toBe("created");
    const [refund] = await store.dueRefunds(now, 10);
    expect(refund).toMatchObject({ reason: "wrongAmount", amountFen: amount - 1 });
    expect(await store.capture(paymentNo, trade("T2"), now)).toBe("captured");
  });

  rule("money for a payment that was never opened is recorded nowhere", async ({ store }) => {
    expect(await store.capture(numbered(7), trade("T1"), now)).toBe("unknown");
    expect(await store.capture("nonsense", trade("T1"), now)).toBe("unknown");
    expect((await store.totals()).capturedFen).toBe(fen(0));
  });

  rule("money that arrives after the payment was closed still captures", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await store.looked(paymentNo, null);
    expect((await store.find(paymentNo))!.state).toBe("closed");
    expect(await store.capture(paymentNo, trade("T1"), later(48 * hourMs))).toBe("captured");
    expect((await store.find(paymentNo))!.state).toBe("captured");
    expect(await records(outbox)).toHaveLength(1);
  });

  rule("a refund asked for twice is one refund", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await store.capture(paymentNo, trade("T1"), now);
    const due = returned(paymentNo, "R1", 900, 100);
    const asked = await Promise.all([store.addRefund(due, now), store.addRefund(due, now)]);
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

  rule("refunds and fees together never exceed the trade that paid", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    expect(await store.addRefund(returned(paymentNo, "R0", 1, 0), now)).toBe("impossible");
    await store.capture(paymentNo, trade("T1"), now);
    await store.capture(paymentNo, trade("T2"), now);
    expect(await store.addRefund(returned(paymentNo, "R1", amount - 100, 60), now)).toBe("added");
    expect(await store.addRefund(returned(paymentNo, "R2", 40, 1), now)).toBe("impossible");
    expect(await store.addRefund(returned(paymentNo, "R3", -40, 0), now)).toBe("impossible");
    expect(await store.addRefund(returned(paymentNo, "R4", 40, 0), now)).toBe("added");
    expect(await store.addRefund(returned(numbered(7), "R5", 1, 0), now)).toBe("impossible");
    expect(await store.totals()).toEqual({
      capturedFen: fen(2 * amount),
      refundedFen: fen(0),
      refundDueFen: fen(2 * amount - 60),
      feeFen: fen(60),
    });
  });

  rule("a refund is settled once, and the order hears of it once", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await store.capture(paymentNo, trade("T1"), now);
    await store.addRefund(returned(paymentNo, "R1", 900, 100), now);
    expect(await store.refundBacklog()).toEqual({ count: 1, oldestAt: now });
    const refund = { refundNo: "R1", paymentNo };
    const told = await Promise.all([store.settle(refund, later(1)), store.settle(refund, later(1))]);
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(await store.settle({ refundNo: "R9", paymentNo }, now)).toBe(false);
    expect((await records(outbox)).slice(1)).toEqual([
      {
        topic: "payment-settled-topic",
        key: "G1/2026-12-01",
        value: { refundNo: "R1", paymentNo, orderNo, ticketNo: "K1" },
      },
    ]);
    await store.postpone(refund, later(2));
    expect(await store.dueRefunds(later(2 * hourMs), 10)).toEqual([]);
    expect(await store.totals()).toMatchObject({ refundedFen: fen(900), refundDueFen: fen(0), feeFen: fen(100) });
    expect(await store.refundBacklog()).toEqual({ count: 0, oldestAt: null });
    const [file] = await store.byOrder(orderNo);
    expect(file!.refunds.map(({ state }) => state)).toEqual(["settled"]);
  });

  rule("a refund that could not be done comes again, ever more rarely, and never ends", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    await store.capture(paymentNo, trade("T1"), now);
    await store.addRefund(returned(paymentNo, "R1", 900, 100), now);
    let at: EpochMs = now;
    let pauseMs = 0;
    for (let attempt = 0; attempt < 20; attempt++) {
      const [refund] = await store.dueRefunds(at, 1);
      expect(refund!.attempts).toBe(attempt);
      await store.postpone(refund!, at);
      let waitedMs = 0;
      while ((await store.dueRefunds(epochMs(at + waitedMs), 1)).length === 0) waitedMs += Math.max(500, pauseMs / 2);
      expect(waitedMs).toBeGreaterThanOrEqual(pauseMs);
      expect(waitedMs).toBeLessThanOrEqual(2 * hourMs);
      pauseMs = Math.min(waitedMs, hourMs);
      at = epochMs(at + waitedMs);
    }
  });

  rule(
    "a payment is asked about at its time, the longest overdue first, until nobody wants to know",
    async ({ store }) => {
      const other = orderNoOf((slotOfUser(user) + 2048 * 9) as OrderId);
      const first = await store.open(opening(1), now);
      const second = await store.open({ ...opening(2), orderNo: other, lookAt: later(5 * secondMs) }, now);
      const waiting = async (at: EpochMs, limit = 10) =>
        (await store.awaiting(at, limit)).map(({ paymentNo }) => paymentNo);
      expect(await waiting(later(4 * secondMs))).toEqual([]);
      expect(await waiting(later(10 * secondMs))).toEqual([second.paymentNo, first.paymentNo]);
      expect(await waiting(later(10 * secondMs), 1)).toEqual([second.paymentNo]);
      await store.looked(second.paymentNo, later(60 * secondMs));
      expect(await waiting(later(10 * secondMs))).toEqual([first.paymentNo]);
      await store.capture(first.paymentNo, trade("T1"), now);
      await store.looked(first.paymentNo, null);
      await store.looked(second.paymentNo, null);
      expect(await waiting(later(hourMs))).toEqual([]);
      expect((await store.find(first.paymentNo))!.state).toBe("captured");
      expect((await store.find(second.paymentNo))!.state).toBe("closed");
    },
  );
}

const now = epochMs(Date.UTC(2026, 10, 1));
const later = (byMs: number): EpochMs => epochMs(now + byMs);
const amount = fen(55_300);
const user = 4_711 as UserId;
const orderNo = orderNoOf((slotOfUser(user) + 2048) as OrderId);
const numbered = (no: number): string => paymentNoOf(user, 1_000_000 + no);

const opening = (no: number): OpenPayment => ({
  paymentNo: numbered(no),
  orderNo,
  runId: runId("G1", serviceDate("2026-12-01")),
  userId: user,
  channel: "a",
  amountFen: amount,
  payBy: later(15 * minuteMs),
  lookAt: later(10 * secondMs),
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

/**
 * The rules of the books, for every store: a decision about money is made whole, once, and on the money it was decided on (I3, I7).
 * What is decided is for the payment room, whose own suite runs on every store, too.
 */
import { expect, test } from "bun:test";
import { type LogRecord, runId } from "@chepiao/contracts";
import {
  dayMs,
  type EpochMs,
  epochMs,
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
import {
  moneyVersion,
  type OpenPayment,
  type PaymentChange,
  type PaymentFile,
  type PaymentStore,
  type Refund,
  type RefundChange,
  type Trade,
} from "./payment-store.ts";

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

  rule("a change is made whole: the payment, the trade, the refund and what must be heard", async (subject) => {
    const { store, outbox } = subject;
    const { paymentNo } = await store.open(opening(1), now);
    await store.started(paymentNo, "https://pay.example/1");
    const change = capturing(await store.byOrder(orderNo), paymentNo, "T1");
    expect(await store.change({ ...change, refund: refundOf(paymentNo, "R1") }, later(5))).toBe("made");
    const [file] = await store.byOrder(orderNo);
    // The page was opened after the payment was read for the decision: that is no change of money, and stays.
    expect(file!.payment).toMatchObject({ state: "captured", version: 1, payUrl: "https://pay.example/1" });
    expect(file!.trades).toEqual([{ ...trade("T1"), paysOrder: true }]);
    expect(file!.refunds).toEqual([refundOf(paymentNo, "R1")]);
    expect(moneyVersion([file!])).toBe(1);
    expect(await records(outbox)).toEqual(change.messages as LogRecord[]);
    expect(await store.totals()).toMatchObject({ capturedFen: amount, refundDueFen: fen(900), feeFen: fen(100) });
  });

  rule("a change that was decided on money which has changed since is lost, and leaves nothing", async (subject) => {
    const { store, outbox } = subject;
    const { paymentNo } = await store.open(opening(1), now);
    const files = await store.byOrder(orderNo);
    expect(await store.change(capturing(files, paymentNo, "T1"), now)).toBe("made");
    const before = await store.byOrder(orderNo);
    const late = { ...capturing(files, paymentNo, "T2"), refund: refundOf(paymentNo, "R1") };
    expect(await store.change(late, now)).toBe("lost");
    expect(await store.change({ ...late, moneyVersion: 7 }, now)).toBe("lost");
    expect(await store.byOrder(orderNo)).toEqual(before);
    expect(await records(outbox)).toHaveLength(1);
    expect(await store.totals()).toMatchObject({ capturedFen: amount, refundDueFen: fen(0) });
    // Decided again on what there is now, it is made.
    expect(await store.change({ ...late, payment: before[0]!.payment, moneyVersion: 1 }, now)).toBe("made");
    expect(moneyVersion(await store.byOrder(orderNo))).toBe(2);
  });

  rule("of many changes decided on the same money one is made, whichever payment they are about", async (subject) => {
    const { store, outbox } = subject;
    const a = await store.open(opening(1), now);
    const b = await store.open({ ...opening(2), channel: "b" }, now);
    for (let round = 1; round <= 3; round++) {
      const files = await store.byOrder(orderNo);
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          store.change(capturing(files, (n % 2 === 0 ? a : b).paymentNo, `T${round}-${n}`), now),
        ),
      );
      expect(outcomes.toSorted()).toEqual([...Array.from({ length: 7 }, () => "lost"), "made"] as never);
      expect(moneyVersion(await store.byOrder(orderNo))).toBe(round);
      expect(await records(outbox)).toHaveLength(round);
    }
    expect((await store.totals()).capturedFen).toBe(fen(3 * amount));
  });

  rule("a payment that is opened meanwhile does not make a change lose", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const change = capturing(await store.byOrder(orderNo), paymentNo, "T1");
    await store.open({ ...opening(2), channel: "b" }, now);
    expect(await store.change(change, now)).toBe("made");
  });

  rule("a trade number stands for one payment of its channel, whoever tells of it", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const stranger = 4_712 as UserId;
    const theirs = { userId: stranger, orderNo: orderNoOf((slotOfUser(stranger) + 2048) as OrderId) };
    const other = await store.open({ ...opening(2), ...theirs, paymentNo: paymentNoOf(stranger, 1_000_002) }, now);
    const elsewhere = await store.open(
      { ...opening(3), ...theirs, paymentNo: paymentNoOf(stranger, 1_000_003), channel: "b" },
      now,
    );
    expect(await store.change(capturing(await store.byOrder(orderNo), paymentNo, "T1"), now)).toBe("made");
    const filesOfOther = await store.byOrder(other.orderNo);
    const again = { ...capturing(filesOfOther, other.paymentNo, "T1"), refund: refundOf(other.paymentNo, "R1") };
    expect(await store.change(again, now)).toBe("known");
    expect(await store.byOrder(other.orderNo)).toEqual(filesOfOther);
    expect(await records(outbox)).toHaveLength(1);
    expect(await store.dueRefunds(now, 10)).toEqual([]);
    expect((await store.totals()).capturedFen).toBe(amount);
    // Another channel counts its trades for itself, and numbers are told apart to the letter.
    expect(await store.change(capturing(filesOfOther, elsewhere.paymentNo, "T1"), now)).toBe("made");
    const next = await store.byOrder(other.orderNo);
    expect(await store.change(capturing(next, other.paymentNo, "t1"), now)).toBe("made");
  });

  rule("a refund number stands for one refund", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const sameUser = orderNoOf((slotOfUser(user) + 2048 * 3) as OrderId);
    const other = await store.open({ ...opening(2), orderNo: sameUser }, now);
    const change = { ...capturing(await store.byOrder(orderNo), paymentNo, "T1"), refund: refundOf(paymentNo, "R1") };
    expect(await store.change(change, now)).toBe("made");
    const files = await store.byOrder(sameUser);
    const again = { ...capturing(files, other.paymentNo, "T2"), trade: null, messages: [] };
    expect(await store.change({ ...again, refund: refundOf(other.paymentNo, "R1") }, now)).toBe("known");
    expect(await store.byOrder(sameUser)).toEqual(files);
    expect(await store.dueRefunds(now, 10)).toEqual([refundOf(paymentNo, "R1")]);
  });

  rule("a refund is settled once, and the order hears of it once", async ({ store, outbox }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const change = { ...capturing(await store.byOrder(orderNo), paymentNo, "T1"), refund: refundOf(paymentNo, "R1") };
    await store.change(change, now);
    expect(await store.refundBacklog()).toEqual({ count: 1, oldestAt: now });
    const refund = refundOf(paymentNo, "R1");
    const settled = (refundNo: string): RefundChange => ({
      refund: { ...refund, refundNo, state: "settled" },
      messages: [
        { topic: "payment-settled-topic", key: runOf, value: { refundNo, paymentNo, orderNo, ticketNo: "K1" } },
      ],
    });
    const told = await Promise.all([store.settle(settled("R1"), later(1)), store.settle(settled("R1"), later(1))]);
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(await store.settle(settled("R9"), now)).toBe(false);
    expect((await records(outbox)).slice(1)).toEqual(settled("R1").messages as LogRecord[]);
    await store.postpone(refund, later(2));
    expect(await store.dueRefunds(later(2 * hourMs), 10)).toEqual([]);
    expect(await store.totals()).toMatchObject({ refundedFen: fen(900), refundDueFen: fen(0), feeFen: fen(100) });
    expect(await store.refundBacklog()).toEqual({ count: 0, oldestAt: null });
    const [file] = await store.byOrder(orderNo);
    expect(file!.refunds.map(({ state }) => state)).toEqual(["settled"]);
  });

  rule("a refund that could not be done comes again, ever more rarely, and never ends", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const change = { ...capturing(await store.byOrder(orderNo), paymentNo, "T1"), refund: refundOf(paymentNo, "R1") };
    await store.change(change, now);
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

  rule("payments are found by when their money moved, with all that the books know of them", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const movedIn = async (from: EpochMs, until: EpochMs) =>
      new Set((await Array.fromAsync(store.moved(from, until))).flat());
    expect(await movedIn(now, later(dayMs))).toEqual(new Set());
    const change = { ...capturing(await store.byOrder(orderNo), paymentNo, "T1"), refund: refundOf(paymentNo, "R1") };
    await store.change(change, later(hourMs));
    const { paidAt } = trade("T1");
    expect(await movedIn(paidAt, epochMs(paidAt + 1))).toEqual(new Set([paymentNo]));
    expect(await movedIn(epochMs(paidAt + 1), later(hourMs))).toEqual(new Set());
    expect(await movedIn(later(hourMs), later(hourMs + 1))).toEqual(new Set([paymentNo]));
    await store.settle({ refund: { ...refundOf(paymentNo, "R1"), state: "settled" }, messages: [] }, later(2 * hourMs));
    expect(await movedIn(later(hourMs), later(hourMs + 1))).toEqual(new Set());
    expect(await movedIn(later(2 * hourMs), later(2 * hourMs + 1))).toEqual(new Set([paymentNo]));
    const { pollAt } = opening(1);
    const [file] = await store.byOrder(orderNo);
    const [refund] = file!.refunds;
    const all = {
      payment: { ...file!.payment, pollAt, changedAt: later(hourMs) },
      trades: file!.trades,
      refunds: [{ ...refund!, createdAt: later(hourMs), changedAt: later(2 * hourMs) }],
    };
    expect(await store.booked([paymentNo, "nonsense", numbered(99), paymentNo])).toEqual([all]);
    expect(await store.booked([])).toEqual([]);
  });

  rule("a refund that is due is named by when it was made, however often it was tried since", async ({ store }) => {
    const { paymentNo } = await store.open(opening(1), now);
    const overdueBefore = async (before: EpochMs) => (await Array.fromAsync(store.overdue(before))).flat();
    const change = { ...capturing(await store.byOrder(orderNo), paymentNo, "T1"), refund: refundOf(paymentNo, "R1") };
    await store.change(change, later(hourMs));
    for (const hours of [2, 30, 60]) await store.postpone({ refundNo: "R1", paymentNo }, later(hours * hourMs));
    expect(await overdueBefore(later(hourMs))).toEqual([]);
    expect(await overdueBefore(later(hourMs + 1))).toEqual([paymentNo]);
    await store.settle({ refund: { ...refundOf(paymentNo, "R1"), state: "settled" }, messages: [] }, later(3 * dayMs));
    expect(await overdueBefore(later(4 * dayMs))).toEqual([]);
  });

  rule(
    "a payment is asked about at its time, the longest overdue first, until nobody wants to know",
    async ({ store }) => {
      const other = orderNoOf((slotOfUser(user) + 2048 * 9) as OrderId);
      const first = await store.open(opening(1), now);
      const second = await store.open({ ...opening(2), orderNo: other, pollAt: later(5 * secondMs) }, now);
      const waiting = async (at: EpochMs, limit = 10) =>
        (await store.awaiting(at, limit)).map(({ paymentNo }) => paymentNo);
      expect(await waiting(later(4 * secondMs))).toEqual([]);
      expect(await waiting(later(10 * secondMs))).toEqual([second.paymentNo, first.paymentNo]);
      expect(await waiting(later(10 * secondMs), 1)).toEqual([second.paymentNo]);
      await store.polled(second.paymentNo, later(60 * secondMs));
      expect(await waiting(later(10 * secondMs))).toEqual([first.paymentNo]);
      await store.change(capturing(await store.byOrder(orderNo), first.paymentNo, "T1"), now);
      const files = await store.byOrder(other);
      const closed = { ...capturing(files, second.paymentNo, "T1"), trade: null, messages: [] };
      await store.change({ ...closed, payment: { ...closed.payment, state: "closed" } }, now);
      // When to ask is no matter of money: it is as it was.
      expect(await waiting(later(hourMs))).toEqual([first.paymentNo, second.paymentNo]);
      await store.polled(first.paymentNo, null);
      await store.polled(second.paymentNo, null);
      await store.polled("nonsense", null);
      expect(await waiting(later(hourMs))).toEqual([]);
      expect((await store.find(first.paymentNo))!.state).toBe("captured");
      expect((await store.find(second.paymentNo))!.state).toBe("closed");
    },
  );
}

const now = epochMs(Date.UTC(2026, 10, 1));
const later = (byMs: number): EpochMs => epochMs(now + byMs);
const amount = fen(55_300);
const runOf = runId("G1", serviceDate("2026-12-01"));
const user = 4_711 as UserId;
const orderNo = orderNoOf((slotOfUser(user) + 2048) as OrderId);
const numbered = (no: number): string => paymentNoOf(user, 1_000_000 + no);

const opening = (no: number): OpenPayment => ({
  paymentNo: numbered(no),
  orderNo,
  purpose: "order",
  runId: runOf,
  userId: user,
  channel: "a",
  amountFen: amount,
  payBy: later(15 * minuteMs),
  pollAt: later(10 * secondMs),
});
const trade = (tradeNo: string): Trade => ({
  tradeNo,
  amountFen: amount,
  paidAt: later(3 * secondMs),
});
/** A decision that this trade pays the order. */
function capturing(files: readonly PaymentFile[], paymentNo: string, tradeNo: string): PaymentChange {
  const { payment } = files.find((file) => file.payment.paymentNo === paymentNo)!;
  const value = { paymentNo, orderNo: payment.orderNo, amountFen: amount, capturedAt: trade(tradeNo).paidAt };
  return {
    payment: { ...payment, state: "captured" },
    moneyVersion: moneyVersion(files),
    trade: { ...trade(tradeNo), paysOrder: true },
    refund: null,
    messages: [{ topic: "order-pay-topic", key: runOf, value }],
  };
}
const refundOf = (paymentNo: string, refundNo: string): Refund => ({
  refundNo,
  paymentNo,
  orderNo,
  runId: runOf,
  channel: "a",
  tradeNo: "T1",
  ticketNo: "K1",
  amountFen: fen(900),
  feeFen: fen(100),
  reason: "ticketReturned",
  state: "due",
  attempts: 0,
});
const records = async (outbox: Outbox) => (await outbox.pending(later(72 * hourMs), 100)).map(({ record }) => record);

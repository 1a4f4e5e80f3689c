/** The books in a few maps. Nothing waits between a look and a change, so every method is a transaction by itself. */
import { backoffMs, type EpochMs, epochMs, type OrderNo, sumFen } from "@chepiao/kernel";
import type { MemoryOutbox } from "@chepiao/ports/outbox";
import {
  type BookedPayment,
  moneyVersion,
  type PaymentFile,
  type PaymentRow,
  type PaymentStore,
  type ReceivedTrade,
  type Refund,
} from "./payment-store.ts";

export function createMemoryPaymentStore(outbox: MemoryOutbox): PaymentStore {
  type Entry = { payment: PaymentRow; pollAt: EpochMs | null; trades: ReceivedTrade[]; changedAt: EpochMs };
  type RefundEntry = { refund: Refund; nextTry: EpochMs; createdAt: EpochMs; changedAt: EpochMs };
  const entries = new Map<string, Entry>();
  const refunds = new Map<string, RefundEntry>();

  const ofOrder = (orderNo: OrderNo) => [...entries.values()].filter((entry) => entry.payment.orderNo === orderNo);
  const fileOf = ({ payment, trades }: Entry): PaymentFile => ({
    payment,
    trades: [...trades],
    refunds: [...refunds.values()]
      .map(({ refund }) => refund)
      .filter((refund) => refund.paymentNo === payment.paymentNo),
  });
  const bookedOf = ({ payment, pollAt, trades, changedAt }: Entry): BookedPayment => ({
    payment: { ...payment, pollAt, changedAt },
    trades: [...trades],
    refunds: [...refunds.values()]
      .filter(({ refund }) => refund.paymentNo === payment.paymentNo)
      .map(({ refund, createdAt, changedAt: triedAt }) => ({ ...refund, createdAt, changedAt: triedAt })),
  });
  const isRecorded = (channel: string, tradeNo: string) =>
    [...entries.values()].some(
      ({ payment, trades }) => payment.channel === channel && trades.some((trade) => trade.tradeNo === tradeNo),
    );
  const sumOf = (state: Refund["state"]) =>
    sumFen([...refunds.values()].filter(({ refund }) => refund.state === state).map(({ refund }) => refund.amountFen));

  return {
    async open({ pollAt, ...wanted }, now) {
      const known = ofOrder(wanted.orderNo).find((entry) => entry.payment.channel === wanted.channel);
      if (known) return known.payment;
      const payment: PaymentRow = { ...wanted, state: "created", version: 0, createdAt: now, payUrl: null };
      entries.set(payment.paymentNo, { payment, pollAt, trades: [], changedAt: now });
      return payment;
    },
    async started(paymentNo, payUrl) {
      const entry = entries.get(paymentNo);
      if (entry) entry.payment = { ...entry.payment, payUrl };
    },
    find: async (paymentNo) => entries.get(paymentNo)?.payment ?? null,
    byOrder: async (orderNo) => ofOrder(orderNo).map(fileOf),

    async change({ payment, moneyVersion: version, trade, refund, messages }, now) {
      const entry = entries.get(payment.paymentNo);
      if (!entry || moneyVersion(ofOrder(payment.orderNo).map(fileOf)) !== version) return "lost";
      if (trade && isRecorded(payment.channel, trade.tradeNo)) return "known";
      if (refund && refunds.has(refund.refundNo)) return "known";
      // The page may have been opened since.
      entry.payment = { ...entry.payment, state: payment.state, version: payment.version + 1 };
      for (const each of ofOrder(payment.orderNo)) each.changedAt = now;
      if (trade) entry.trades.push(trade);
      if (refund) refunds.set(refund.refundNo, { refund, nextTry: now, createdAt: now, changedAt: now });
      outbox.put(messages, now);
      return "made";
    },
    dueRefunds: async (now, limit) =>
      [...refunds.values()]
        .filter(({ refund, nextTry }) => refund.state === "due" && nextTry <= now)
        .sort((a, b) => a.nextTry - b.nextTry)
        .slice(0, limit)
        .map(({ refund }) => refund),
    async settle({ refund, messages }, now) {
      const entry = refunds.get(refund.refundNo);
      if (entry?.refund.state !== "due") return false;
      entry.refund = { ...entry.refund, state: refund.state };
      entry.changedAt = now;
      outbox.put(messages, now);
      return true;
    },
    async postpone({ refundNo }, now) {
      const entry = refunds.get(refundNo);
      if (!entry || entry.refund.state === "settled") return;
      entry.nextTry = epochMs(now + backoffMs(entry.refund.attempts));
      entry.changedAt = now;
      entry.refund = { ...entry.refund, attempts: entry.refund.attempts + 1 };
    },

    awaiting: async (now, limit) =>
      [...entries.values()]
        .filter(({ pollAt }) => pollAt !== null && pollAt <= now)
        .sort((a, b) => a.pollAt! - b.pollAt!)
        .slice(0, limit)
        .map(({ payment }) => payment),
    async polled(paymentNo, pollAgainAt) {
      const entry = entries.get(paymentNo);
      if (entry) entry.pollAt = pollAgainAt;
    },

    async *moved(from, until) {
      const isWithin = (at: EpochMs) => at >= from && at < until;
      yield [...entries.values()]
        .filter(({ trades }) => trades.some(({ paidAt }) => isWithin(paidAt)))
        .map(({ payment }) => payment.paymentNo);
      yield [...refunds.values()].filter(({ changedAt }) => isWithin(changedAt)).map(({ refund }) => refund.paymentNo);
    },
    async *overdue(before) {
      yield [...refunds.values()]
        .filter(({ refund, createdAt }) => refund.state === "due" && createdAt < before)
        .map(({ refund }) => refund.paymentNo);
    },
    booked: async (paymentNos) =>
      [...new Set(paymentNos)].flatMap((paymentNo) => entries.get(paymentNo) ?? []).map(bookedOf),

    totals: async () => ({
      capturedFen: sumFen([...entries.values()].flatMap(({ trades }) => trades.map(({ amountFen }) => amountFen))),
      refundedFen: sumOf("settled"),
      refundDueFen: sumOf("due"),
      feeFen: sumFen([...refunds.values()].map(({ refund }) => refund.feeFen)),
    }),
    async refundBacklog() {
      const waiting = [...refunds.values()].filter(({ refund }) => refund.state === "due");
      return { count: waiting.length, oldestAt: waiting[0]?.createdAt ?? null };
    },
  };
}

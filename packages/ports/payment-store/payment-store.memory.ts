/** The books in a few maps. Nothing waits between a look and a change, so every method is a transaction by itself. */
import { backoffMs, type EpochMs, epochMs, type OrderNo, sumFen } from "@chepiao/kernel";
import type { MemoryOutbox } from "@chepiao/ports/outbox";
import type { PaymentFile, PaymentRow, PaymentStore, ReceivedTrade, Refund } from "./payment-store.ts";
import { judgeTrade, refundOf, selfRefundOf, tradeToDrawOn } from "./rules.ts";
import { paymentTransitions } from "./state.ts";

export function createMemoryPaymentStore(outbox: MemoryOutbox): PaymentStore {
  type Entry = { payment: PaymentRow; lookAt: EpochMs | null; trades: ReceivedTrade[] };
  type RefundEntry = { refund: Refund; nextTry: EpochMs; createdAt: EpochMs };
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
  const add = (refund: Refund, now: EpochMs) => refunds.set(refund.refundNo, { refund, nextTry: now, createdAt: now });
  const sumOf = (state: Refund["state"]) =>
    sumFen([...refunds.values()].filter(({ refund }) => refund.state === state).map(({ refund }) => refund.amountFen));

  return {
    async open({ lookAt, ...wanted }, now) {
      const known = ofOrder(wanted.orderNo).find((entry) => entry.payment.channel === wanted.channel);
      if (known) return known.payment;
      const payment: PaymentRow = { ...wanted, state: "created", createdAt: now, payUrl: null };
      entries.set(payment.paymentNo, { payment, lookAt, trades: [] });
      return payment;
    },
    async started(paymentNo, payUrl) {
      const entry = entries.get(paymentNo);
      if (entry) entry.payment = { ...entry.payment, payUrl };
    },
    find: async (paymentNo) => entries.get(paymentNo)?.payment ?? null,
    byOrder: async (orderNo) => ofOrder(orderNo).map(fileOf),

    async capture(paymentNo, trade, now) {
      const entry = entries.get(paymentNo);
      if (!entry) return "unknown";
      const { payment } = entry;
      const seen = [...entries.values()].some(
        (other) =>
          other.payment.channel === payment.channel && other.trades.some(({ tradeNo }) => tradeNo === trade.tradeNo),
      );
      if (seen) return "seen";
      const orderIsPaid = ofOrder(payment.orderNo).some(({ trades }) => trades.some(({ paysOrder }) => paysOrder));
      const verdict = judgeTrade(payment, orderIsPaid, trade);
      entry.trades.push({ ...trade, paysOrder: verdict.outcome === "captured" });
      if (verdict.outcome === "captured") {
        entry.payment = { ...payment, state: verdict.state };
        const { orderNo, amountFen } = payment;
        const value = { paymentNo, orderNo, amountFen, capturedAt: trade.paidAt };
        outbox.put([{ topic: "order-pay-topic", key: payment.runId, value }], now);
      } else {
        add(selfRefundOf(payment, trade, verdict.outcome), now);
      }
      return verdict.outcome;
    },
    async addRefund(due, now) {
      if (refunds.has(due.refundNo)) return "seen";
      const entry = entries.get(due.paymentNo);
      const trade = entry ? tradeToDrawOn(fileOf(entry), due.amountFen, due.feeFen) : null;
      if (!entry || !trade) return "impossible";
      add(refundOf(entry.payment, trade, due), now);
      return "added";
    },
    dueRefunds: async (now, limit) =>
      [...refunds.values()]
        .filter(({ refund, nextTry }) => refund.state === "due" && nextTry <= now)
        .sort((a, b) => a.nextTry - b.nextTry)
        .slice(0, limit)
        .map(({ refund }) => refund),
    async settle({ refundNo }, now) {
      const entry = refunds.get(refundNo);
      if (!entry || entry.refund.state === "settled") return false;
      entry.refund = { ...entry.refund, state: "settled" };
      const { paymentNo, orderNo, ticketNo, runId } = entry.refund;
      outbox.put(
        [{ topic: "payment-settled-topic", key: runId, value: { refundNo, paymentNo, orderNo, ticketNo } }],
        now,
      );
      return true;
    },
    async postpone({ refundNo }, now) {
      const entry = refunds.get(refundNo);
      if (!entry || entry.refund.state === "settled") return;
      entry.nextTry = epochMs(now + backoffMs(entry.refund.attempts));
      entry.refund = { ...entry.refund, attempts: entry.refund.attempts + 1 };
    },

    awaiting: async (now, limit) =>
      [...entries.values()]
        .filter(({ lookAt }) => lookAt !== null && lookAt <= now)
        .sort((a, b) => a.lookAt! - b.lookAt!)
        .slice(0, limit)
        .map(({ payment }) => payment),
    async looked(paymentNo, lookAgainAt) {
      const entry = entries.get(paymentNo);
      if (!entry) return;
      entry.lookAt = lookAgainAt;
      const next = lookAgainAt === null ? paymentTransitions[entry.payment.state].givenUp : "ignore";
      if (next !== "ignore") entry.payment = { ...entry.payment, state: next };
    },

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

/** A bank in a few maps, with the levers a test wants: money arriving, notices made, calls that fail, refunds that take time. */
import type { PaymentNotice } from "@chepiao/contracts";
import { assert, type EpochMs, type Fen, sumFen } from "@chepiao/kernel";
import { noticeIsSigned, signNotice } from "./notice-signature.ts";
import type { PaymentProvider, ProviderTrade, RefundOrder } from "./payment-provider.ts";

export type MemoryProvider = PaymentProvider & {
  /** A payer pays. The notice is made but goes nowhere: the test posts it, or not. */
  pay(
    paymentNo: string,
    amountFen: Fen,
    at: EpochMs,
  ): { readonly trade: ProviderTrade; readonly notice: PaymentNotice };
  /** The next calls of this kind throw, as if the line were cut. */
  cut(call: "start" | "query" | "refund", times: number): void;
  /** The next refunds answer `pending` that many times before they are done. */
  delayRefunds(times: number): void;
  books(): { readonly takenFen: Fen; readonly givenBackFen: Fen; readonly refundCount: number };
};

export function createMemoryProvider(channel = "memory", merchantId = "M1", secret = "memory-secret"): MemoryProvider {
  const tradesOf = new Map<string, ProviderTrade[]>();
  const refunds = new Map<string, RefundOrder>();
  const cuts = { start: 0, query: 0, refund: 0 };
  let pendingLeft = 0;
  let lastNo = 0;

  const reach = (call: keyof typeof cuts) => {
    if (cuts[call] === 0) return;
    cuts[call] -= 1;
    throw new Error(`${channel} cannot be reached`);
  };
  const givenBack = (tradeNo: string) =>
    sumFen([...refunds.values()].filter((refund) => refund.tradeNo === tradeNo).map((refund) => refund.amountFen));

  return {
    channel,
    merchantId,
    async start({ paymentNo }) {
      reach("start");
      return { payUrl: `https://pay.example/${paymentNo}` };
    },
    verify: (notice) => noticeIsSigned(secret, notice),
    async query(paymentNo) {
      reach("query");
      return [...(tradesOf.get(paymentNo) ?? [])];
    },
    async refund(order) {
      reach("refund");
      const known = refunds.get(order.refundNo);
      if (known) {
        assert(known.tradeNo === order.tradeNo && known.amountFen === order.amountFen, "one refund number, one refund");
      } else {
        const trade = tradesOf.get(order.paymentNo)?.find(({ tradeNo }) => tradeNo === order.tradeNo);
        assert(trade !== undefined, `no trade ${order.tradeNo}`);
        assert(givenBack(order.tradeNo) + order.amountFen <= trade.amountFen, "more than the trade brought");
        if (pendingLeft > 0) {
          pendingLeft -= 1;
          return "pending";
        }
        refunds.set(order.refundNo, order);
      }
      return "done";
    },
    pay(paymentNo, amountFen, at) {
      const trade = { tradeNo: `T${++lastNo}`, amountFen, paidAt: at };
      tradesOf.set(paymentNo, [...(tradesOf.get(paymentNo) ?? []), trade]);
      const unsigned = {
        merchantId,
        paymentNo,
        tradeNo: trade.tradeNo,
        amountFen,
        status: "paid",
        at,
        nonce: `N${lastNo}`,
      } as const;
      return { trade, notice: { ...unsigned, signature: signNotice(secret, unsigned) } };
    },
    cut(call, times) {
      cuts[call] = times;
    },
    delayRefunds(times) {
      pendingLeft = times;
    },
    books: () => ({
      takenFen: sumFen([...tradesOf.values()].flat().map((trade) => trade.amountFen)),
      givenBackFen: sumFen([...refunds.values()].map((refund) => refund.amountFen)),
      refundCount: refunds.size,
    }),
  };
}

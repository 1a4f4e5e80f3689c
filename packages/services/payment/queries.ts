/** What the books say to those who ask: the payer and the order room, about an order's money. Reads, and decides nothing. */
import { type Payment, type PaymentClient, type Refusal, refusal } from "@chepiao/contracts";
import { type EpochMs, formatInZone, ok, refuse, type Result, type UserId, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentFile, PaymentStore } from "@chepiao/ports/payment-store";
import { orderNoSaid, type Payables, purposeOf, unknownOf } from "./payables.ts";

type Deps = {
  readonly store: Pick<PaymentStore, "byOrder">;
  readonly payables: Payables;
  readonly clock: Clock;
  readonly zone: ZoneName;
};

export const createQueries = ({ store, payables, clock, zone }: Deps) => ({
  /**
   * The payment of an order or entry that its owner asks about: the one that paid it, else the newest. Null where none was ever begun: nobody has
   * paid yet, or nothing is to be paid, as for tickets that replaced others and stay on their payment.
   */
  async paymentOf(userId: UserId, said: string): Promise<Result<Payment | null, Refusal>> {
    const orderNo = orderNoSaid(said);
    const unknown = unknownOf[purposeOf(said)];
    if (!orderNo) return refuse(refusal(unknown));
    const files = await store.byOrder(orderNo);
    const file = paidFile(files) ?? files.at(-1);
    if (file)
      return file.payment.userId === userId ? ok(viewOf(said, file, zone, clock.now())) : refuse(refusal(unknown));
    const wanted = await payables.of(userId, said);
    return !wanted.ok && wanted.error.code === unknown ? wanted : ok(null);
  },
});

/** For the order room, in any process that has the books. */
export const createPaymentClient = (store: Pick<PaymentStore, "find" | "byOrder">): PaymentClient => ({
  async captured(paymentNo) {
    const payment = await store.find(paymentNo);
    const files = payment ? await store.byOrder(payment.orderNo) : [];
    const trade = files.find((file) => file.payment.paymentNo === paymentNo)?.trades.find(({ paysOrder }) => paysOrder);
    if (!payment || !trade) return null;
    return { paymentNo, orderNo: payment.orderNo, amountFen: trade.amountFen, capturedAt: trade.paidAt };
  },
});

export const paidFile = (files: readonly PaymentFile[]): PaymentFile | undefined =>
  files.find(({ payment }) => payment.state === "captured");

/** @param said the number by which it was asked for: an order that was a waitlist entry is known by two */
export function viewOf(said: string, { payment, refunds }: PaymentFile, zone: ZoneName, now: EpochMs): Payment {
  const { paymentNo, channel, amountFen, state, payUrl, payBy } = payment;
  const canPay = state === "created" && now < payBy;
  return {
    paymentNo,
    orderNo: said,
    channel,
    amountFen,
    state,
    payUrl: canPay ? payUrl : null,
    payBy: formatInZone(payBy, zone),
    refunds: refunds.map((each) => ({
      refundNo: each.refundNo,
      amountFen: each.amountFen,
      feeFen: each.feeFen,
      reason: each.reason,
      state: each.state,
    })),
  };
}

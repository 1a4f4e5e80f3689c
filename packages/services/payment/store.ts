/**
 * The one way to change an order's money: load it, decide, make the change if nothing has changed since, else decide again on what
 * did. Several processes may do so at once, and each may stop at any point (I3, I7).
 */
import { capturedSecret, type RefundDue } from "@chepiao/contracts";
import type { OrderNo } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentChange, PaymentFile, PaymentRow, PaymentStore, Refund, Trade } from "@chepiao/ports/payment-store";
import { macBy, type Vault } from "@chepiao/ports/vault";
import { decideGivenUp, decideReceived, decideRefund, decideSettled, type ReceivedDecision } from "./decide.ts";

/** Each loss is a change that another process has made. Who loses this often is not unlucky. */
const attemptsMax = 50;

export type ReceivedOutcome = ReceivedDecision["outcome"];

export type Books = {
  /** Enters a trade, wherever it was heard of. One that is recorded for another payment is `seen`: it is money once. */
  receive(payment: PaymentRow, trade: Trade): Promise<ReceivedOutcome>;
  /** `impossible` where the payment is unknown, or its money is not there. */
  addRefund(due: RefundDue): Promise<"added" | "seen" | "impossible">;
  /** Closes a payment that nobody paid; money that still comes is entered all the same. */
  giveUp(payment: PaymentRow): Promise<void>;
  /** The payer has the money back. False where that was known. */
  settle(refund: Refund): Promise<boolean>;
};

type Decision<Outcome> = { readonly outcome: Outcome; readonly change?: PaymentChange | null };

type BooksDeps = {
  readonly store: PaymentStore;
  readonly clock: Clock;
  readonly vault: Pick<Vault, "secret">;
};

export function createBooks({ store, clock, vault }: BooksDeps): Books {
  const macOf = macBy(vault, capturedSecret);
  async function change<Outcome>(
    orderNo: OrderNo,
    decide: (files: readonly PaymentFile[]) => Decision<Outcome>,
  ): Promise<Outcome | "seen"> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const decision = decide(await store.byOrder(orderNo));
      if (!decision.change) return decision.outcome;
      const became = await store.change(decision.change, clock.now());
      if (became === "made") return decision.outcome;
      if (became === "known") return "seen";
    }
    throw new Error(`the money of order ${orderNo} changes faster than it can be decided about`);
  }

  return {
    receive: ({ orderNo, paymentNo }, trade) =>
      change(orderNo, (files) => decideReceived(files, paymentNo, trade, macOf)),
    async addRefund(due) {
      const payment = await store.find(due.paymentNo);
      return payment ? change(payment.orderNo, (files) => decideRefund(files, due)) : "impossible";
    },
    async giveUp({ orderNo, paymentNo }) {
      await change(orderNo, (files) => ({ outcome: "seen", change: decideGivenUp(files, paymentNo) }));
    },
    async settle(refund) {
      const settled = decideSettled(refund);
      return settled !== null && store.settle(settled, clock.now());
    },
  };
}

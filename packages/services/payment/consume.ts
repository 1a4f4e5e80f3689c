/** What the payment room hears from the log: money that must go back. Asked for twice, it goes back once (I7). */
import type { RefundDue } from "@chepiao/contracts";
import type { Consumer } from "@chepiao/ports/log";
import type { PaymentCounters } from "./counters.ts";
import type { Books } from "./store.ts";

type Deps = {
  readonly books: Books;
  readonly counters: PaymentCounters;
  readonly kickRefunds: () => void;
  readonly log: (line: string) => void;
};

export function createConsumers({ books, counters, kickRefunds, log }: Deps): readonly Consumer[] {
  async function takeRefunds(batch: readonly RefundDue[]): Promise<void> {
    for (const due of batch) {
      const outcome = await books.addRefund(due);
      if (outcome === "added") counters.refundsAsked += 1;
      if (outcome !== "impossible") continue;
      // Repeating would not help, and the records behind it must not wait: a person has to look.
      counters.refundsImpossible += 1;
      log(
        `refund ${due.refundNo}: payment ${due.paymentNo} does not hold ${due.amountFen} fen and a fee of ${due.feeFen}`,
      );
    }
    kickRefunds();
  }

  return [
    {
      group: "refund-consumer-group",
      topics: ["payment-refund-topic"],
      batchMax: 500,
      handle: (records) => takeRefunds(records.map(({ value }) => value as RefundDue)),
    },
  ];
}

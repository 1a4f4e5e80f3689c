/** Money that arrived, wherever it was heard of: into the books, and the job that has work from it is woken. */
import type { PaymentRow, Trade } from "@chepiao/ports/payment-store";
import type { PaymentCounters } from "./counters.ts";
import type { Books, ReceivedOutcome } from "./store.ts";

type Deps = {
  readonly books: Books;
  readonly counters: PaymentCounters;
  readonly kickOutbox: () => void;
  readonly kickRefunds: () => void;
  readonly log: (line: string) => void;
};

export type Receive = (payment: PaymentRow, trade: Trade) => Promise<ReceivedOutcome>;

export const createReceive =
  ({ books, counters, kickOutbox, kickRefunds, log }: Deps): Receive =>
  async (payment, trade) => {
    const outcome = await books.receive(payment, trade);
    if (outcome === "captured") {
      counters.captured += 1;
      kickOutbox();
    } else if (outcome !== "seen") {
      counters.surplus += 1;
      log(`payment ${payment.paymentNo}: trade ${trade.tradeNo} of ${trade.amountFen} fen goes back, ${outcome}`);
      kickRefunds();
    }
    return outcome;
  };

/**
 * What the payment room does by itself: it asks providers about money nobody told of, and carries refunds out until they are
 * done. Both may be done by several processes at once and may stop at any point (I3, I7).
 */
import { type EpochMs, epochMs, minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { PaymentRow, PaymentStore, Refund, Trade } from "@chepiao/ports/payment-store";
import type { PaymentCounters } from "./counters.ts";
import { nextPollAt } from "./decide.ts";
import type { Providers } from "./providers.ts";
import type { Receive } from "./receive.ts";
import type { Books } from "./store.ts";

const batchMax = 64;
/** Calls to a provider under way at once. */
const callsMax = 8;
const unreachablePauseMs = minuteMs;

type Deps = {
  readonly store: PaymentStore;
  readonly books: Books;
  readonly receive: Receive;
  readonly providers: Providers;
  readonly clock: Clock;
  readonly counters: PaymentCounters;
  readonly kickOutbox: () => void;
  readonly log: (line: string) => void;
};

export type PaymentJobs = {
  /** Asks about the payments whose time has come; true where more may wait. */
  pollForMoney(): Promise<boolean>;
  /** Carries out the refunds whose time has come; true where more may wait. */
  refundWhatIsDue(): Promise<boolean>;
};

export function createJobs(deps: Deps): PaymentJobs {
  const { store, books, receive, providers, clock, counters, kickOutbox, log } = deps;
  const providerOf = (channel: string): PaymentProvider => {
    const provider = providers.of(channel);
    if (!provider) throw new Error(`the channel ${channel} is not configured any more`);
    return provider;
  };

  async function pollPayment(payment: PaymentRow): Promise<void> {
    const { paymentNo } = payment;
    let trades: readonly Trade[];
    try {
      trades = await providerOf(payment.channel).query(paymentNo);
    } catch (error) {
      counters.queryFailures += 1;
      log(`payment ${paymentNo}: its provider did not answer, ${messageOf(error)}`);
      // Never given up while nobody could be asked.
      await store.polled(paymentNo, epochMs(clock.now() + unreachablePauseMs));
      return;
    }
    counters.queries += 1;
    for (const trade of trades) {
      const outcome = await receive(payment, trade);
      if (outcome !== "seen") counters.foundByQuery += 1;
    }
    const after = await store.find(paymentNo);
    if (!after) return;
    const pollAgainAt = nextPollAt(after, clock.now());
    if (pollAgainAt === null) await books.giveUp(payment);
    await store.polled(paymentNo, pollAgainAt);
  }

  async function refund(order: Refund): Promise<void> {
    try {
      // A ticket given back when its fee is the whole fare: nothing to send.
      const answer = order.amountFen === 0 ? "done" : await providerOf(order.channel).refund(order);
      if (answer === "pending") {
        counters.refundsPending += 1;
        await store.postpone(order, clock.now());
        return;
      }
    } catch (error) {
      counters.refundFailures += 1;
      log(`refund ${order.refundNo}: tried ${order.attempts + 1} times, ${messageOf(error)}`);
      await store.postpone(order, clock.now());
      return;
    }
    // Stopped before this line, the refund is asked for again under the same number, and the provider knows it.
    if (await books.settle(order)) {
      counters.refundsSettled += 1;
      kickOutbox();
    }
  }

  const batch = async <T>(
    due: (now: EpochMs, limit: number) => Promise<readonly T[]>,
    work: (item: T) => Promise<void>,
  ) => {
    const items = await due(clock.now(), batchMax);
    const failures: unknown[] = [];
    for (let from = 0; from < items.length; from += callsMax) {
      for (const result of await Promise.allSettled(items.slice(from, from + callsMax).map(work))) {
        if (result.status === "rejected") failures.push(result.reason);
      }
    }
    // Our own books failed. One sick row must not hold up the others, so only now.
    if (failures.length > 0) throw failures[0];
    return items.length === batchMax;
  };

  return {
    pollForMoney: () => batch(store.awaiting, pollPayment),
    refundWhatIsDue: () => batch(store.dueRefunds, refund),
  };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

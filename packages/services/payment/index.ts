/**
 * The payment room: takes money for orders through providers, and gives back what pays for nothing. It decides about money
 * only; whether an order is paid is for the order room, which hears of it through the log.
 */
import type { Handlers, OrderClient, paymentRoutes, RefundDue } from "@chepiao/contracts";
import { assert, type IdSource, secondMs, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { PaymentStore } from "@chepiao/ports/payment-store";
import { createHandlers } from "./api.ts";
import { createCounters, type PaymentCounters } from "./counters.ts";
import { createLoop } from "./loop.ts";
import { createWork, messageOf } from "./work.ts";

export type PaymentDeps = {
  readonly store: PaymentStore;
  /** The first is the one taken where a payer names none. */
  readonly providers: readonly PaymentProvider[];
  readonly orders: OrderClient;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly zone: ZoneName;
  /** The site as this payer reaches it: where the browser is sent back to. */
  readonly publicUrl: (request: Request) => string;
  /** Where providers send their notices; asked at each payment, since a port may be known only after the start. */
  readonly noticeUrl: () => string;
  /** Messages were written: the relay need not wait for its next turn. */
  readonly kickOutbox: () => void;
  readonly log: (line: string) => void;
};

export type PaymentRoom = {
  readonly handlers: Handlers<typeof paymentRoutes>;
  readonly consumers: { readonly "payment-refund-topic": (batch: readonly RefundDue[]) => Promise<void> };
  readonly counters: Readonly<PaymentCounters>;
  start(): void;
  stop(): Promise<void>;
  /** One pass of each background work, for those who make their own time. True where more may wait. */
  lookForMoney(): Promise<boolean>;
  refundWhatIsDue(): Promise<boolean>;
};

const lookEveryMs = 5 * secondMs;
const refundEveryMs = 2 * secondMs;

export function createPayment(deps: PaymentDeps): PaymentRoom {
  const { store, providers, clock, log } = deps;
  assert(providers.length > 0, "a payment room has a provider");
  assert(new Set(providers.map(({ channel }) => channel)).size === providers.length, "a channel is one provider");
  const counters = createCounters();
  const work = createWork({ ...deps, counters, kickRefunds: () => refunding.kick() });
  const failed = (what: string) => (error: unknown) => log(`payment: ${what} stopped short, ${messageOf(error)}`);
  const looking = createLoop(clock, lookEveryMs, work.lookForMoney, failed("looking for money"));
  const refunding = createLoop(clock, refundEveryMs, work.refundWhatIsDue, failed("refunding"));

  return {
    handlers: createHandlers({ ...deps, counters, work }),
    consumers: {
      async "payment-refund-topic"(batch) {
        for (const due of batch) {
          const outcome = await store.addRefund(due, clock.now());
          if (outcome === "added") counters.refundsAsked += 1;
          if (outcome !== "impossible") continue;
          // Repeating would not help, and the records behind it must not wait: a person has to look.
          counters.refundsImpossible += 1;
          log(
            `refund ${due.refundNo}: payment ${due.paymentNo} does not hold ${due.amountFen} fen and a fee of ${due.feeFen}`,
          );
        }
        refunding.kick();
      },
    },
    counters,
    start() {
      looking.start();
      refunding.start();
    },
    async stop() {
      await Promise.all([looking.stop(), refunding.stop()]);
    },
    lookForMoney: work.lookForMoney,
    refundWhatIsDue: work.refundWhatIsDue,
  };
}

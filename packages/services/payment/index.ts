/**
 * The payment room: takes money for orders through providers, and gives back what pays for nothing. It decides about money
 * only; whether an order is paid is for the order room, which hears of it through the log.
 */
import type { Handlers, OrderClient, PaymentClient, paymentRoutes, WaitlistClient } from "@chepiao/contracts";
import { type IdSource, secondMs, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumer } from "@chepiao/ports/log";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { PaymentStore } from "@chepiao/ports/payment-store";
import type { Vault } from "@chepiao/ports/vault";
import { createHandlers } from "./api.ts";
import type { Work } from "@chepiao/room";
import { createConsumers } from "./consume.ts";
import { createCounters, type PaymentCounters } from "./counters.ts";
import { createJobs } from "./jobs.ts";
import { createPayables } from "./payables.ts";
import { createProviders } from "./providers.ts";
import { createPaymentClient } from "./queries.ts";
import { createReceive } from "./receive.ts";
import { createBooks } from "./store.ts";

export { type Books, createBooks } from "./store.ts";

export type PaymentDeps = {
  readonly store: PaymentStore;
  /** The first is the one taken where a payer names none. */
  readonly providers: readonly PaymentProvider[];
  readonly orders: Pick<OrderClient, "payable">;
  readonly waitlist: Pick<WaitlistClient, "payable">;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly zone: ZoneName;
  /** Its secret proves to the order room that money was captured. */
  readonly vault: Pick<Vault, "secret">;
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
  readonly client: PaymentClient;
  readonly consumers: readonly Consumer[];
  readonly counters: Readonly<PaymentCounters>;
  readonly work: readonly Work[];
  /** One pass of each background work, for those who make their own time. True where more may wait. */
  pollForMoney(): Promise<boolean>;
  refundWhatIsDue(): Promise<boolean>;
};

const pollEveryMs = 5 * secondMs;
const refundEveryMs = 2 * secondMs;

export function createPayment(deps: PaymentDeps): PaymentRoom {
  const providers = createProviders(deps.providers);
  const counters = createCounters();
  const books = createBooks(deps);
  let kickRefunds = () => {};
  const payables = createPayables(deps);
  const inside = { ...deps, payables, books, providers, counters, kickRefunds: () => kickRefunds() };
  const receive = createReceive(inside);
  const { pollForMoney, refundWhatIsDue } = createJobs({ ...inside, receive });
  const job = { kind: "job", electedAs: "payments", firstMs: 0 } as const;
  const work: readonly Work[] = [
    {
      ...job,
      name: "money on its way",
      everyMs: pollEveryMs,
      pass: pollForMoney,
      failed: "looking for money stopped short",
    },
    {
      ...job,
      name: "refunds",
      everyMs: refundEveryMs,
      pass: refundWhatIsDue,
      failed: "refunding stopped short",
      connect(kick) {
        kickRefunds = kick;
        return () => {
          kickRefunds = () => {};
        };
      },
    },
  ];

  return {
    handlers: createHandlers({ ...inside, receive }),
    client: createPaymentClient(deps.store),
    consumers: createConsumers(inside),
    counters,
    work,
    pollForMoney,
    refundWhatIsDue,
  };
}

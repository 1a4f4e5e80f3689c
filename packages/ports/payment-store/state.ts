/**
 * The states of a payment. `paid` is money that pays the order; `surplus` is money that cannot (a second trade, a wrong amount,
 * an order paid through another channel) and goes back; `givenUp` says that the provider was asked long enough.
 */
import type { PaymentState } from "@chepiao/contracts";

export type PaymentEvent = "paid" | "surplus" | "givenUp";

export const paymentTransitions = {
  created: { paid: "captured", surplus: "ignore", givenUp: "closed" },
  // Refused here means: this money is surplus.
  captured: { paid: "refuse", surplus: "ignore", givenUp: "ignore" },
  // Money can arrive however late. The order room then finds its order gone and sends the money back.
  closed: { paid: "captured", surplus: "ignore", givenUp: "ignore" },
} as const satisfies Record<PaymentState, Record<PaymentEvent, PaymentState | "refuse" | "ignore">>;

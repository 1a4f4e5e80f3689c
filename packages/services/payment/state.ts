/** The states of a payment and of a refund, and every way between them. A new state does not compile until its cells are filled. */
import type { PaymentState, RefundState } from "@chepiao/contracts";

export type PaymentEvent =
  /** Money that is to pay the order. */
  | "paid"
  /** Money that cannot pay it: a second trade, a wrong amount, an order paid through another channel. It goes back. */
  | "surplus"
  /** The provider was asked for as long as it makes sense. */
  | "givenUp";

/** `refuse`: it cannot be so, and is taken for another event. `ignore`: the state stays as it is. */
type Next<State> = State | "refuse" | "ignore";
type Table<State extends string, Event extends string> = Readonly<Record<State, Readonly<Record<Event, Next<State>>>>>;

export const paymentTransitions: Table<PaymentState, PaymentEvent> = {
  created: { paid: "captured", surplus: "ignore", givenUp: "closed" },
  // What would pay it a second time is surplus.
  captured: { paid: "refuse", surplus: "ignore", givenUp: "ignore" },
  // Money can arrive however late. The order room then finds its order gone and sends the money back.
  closed: { paid: "captured", surplus: "ignore", givenUp: "ignore" },
};

export type RefundEvent = "done";

export const refundTransitions: Table<RefundState, RefundEvent> = {
  due: { done: "settled" },
  settled: { done: "ignore" },
};

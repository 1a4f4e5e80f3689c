/** Word of a change and the answer to a request overtake each other. */
import { expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { laterOf } from "./follow.ts";

type TicketState = Order["tickets"][number]["state"];
const order = (state: Order["state"], ...tickets: TicketState[]) =>
  ({ state, tickets: tickets.map((each) => ({ state: each })) }) as Order;

test("an older sight of an order never replaces a newer one", () => {
  const histories = [
    [order("accepted", "held"), order("pendingPayment", "held"), order("paid", "held"), order("ticketed", "issued")],
    [
      order("ticketed", "issued", "issued"),
      order("ticketed", "refunding", "issued"),
      order("ticketed", "refunded", "issued"),
    ],
    [
      order("ticketed", "refunded", "issued"),
      order("refunded", "refunded", "refunding"),
      order("refunded", "refunded", "refunded"),
    ],
    [order("pendingPayment", "held"), order("expired", "released")],
  ];
  for (const history of histories) {
    for (let n = 1; n < history.length; n++) {
      expect(laterOf(history[n - 1], history[n]!)).toBe(history[n]!);
      expect(laterOf(history[n], history[n - 1]!)).toBe(history[n]!);
    }
  }
});

test("of two equal sights the one that came last is taken, for its clock", () => {
  const [one, other] = [order("pendingPayment", "held"), order("pendingPayment", "held")];
  expect(laterOf(one, other)).toBe(other);
  expect(laterOf(undefined, other)).toBe(other);
});

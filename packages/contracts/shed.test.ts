/** What a process that is too busy goes on answering, by the declarations of the routes. */
import { expect, test } from "bun:test";
import { publicRoutes } from "./publicRoutes.ts";
import type { RouteSpec } from "./route.ts";

const shedOf = new Map<string, string>(
  Object.entries<Readonly<Record<string, RouteSpec>>>(publicRoutes).flatMap(([room, routes]) =>
    Object.entries(routes).map(([name, { shed }]) => [`${room}.${name}`, shed ?? "last"] as const),
  ),
);

test.each([
  ["who holds seats", ["payment.pay", "payment.status", "order.get", "order.events", "order.cancel"]],
  ["who has prepaid an entry, or is about to", ["payment.pay", "waitlist.get", "waitlist.cancel"]],
  ["who gives back", ["order.refundQuote", "order.refund"]],
  ["a provider, a gate and a queue", ["payment.callback", "order.gateEvents", "queue.status", "queue.heartbeat"]],
])("%s is never turned away from what is under way", (_, names) => {
  for (const name of names) expect([name, shedOf.get(name)]).toEqual([name, "never"]);
});

test("what begins something new is given up last, and searching before it", () => {
  for (const name of ["order.submit", "waitlist.join", "user.login"])
    expect([name, shedOf.get(name)]).toEqual([name, "last"]);
  expect(shedOf.get("search.tickets")).toBe("next");
});

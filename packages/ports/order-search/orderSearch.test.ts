/** Memory keeps the rules of order search, and what is kept of an order is shown to be no more than may be. */
import { expect, test } from "bun:test";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { documentOf } from "./orderSearch.ts";
import { createMemoryOrderSearch } from "./orderSearch.memory.ts";
import { orderSearchSuite } from "./orderSearch.suite.ts";

orderSearchSuite("memory order search", async () => ({ search: createMemoryOrderSearch(), settle: async () => {} }));

test("what is kept of an order names no document but by stars and a keyed hash", () => {
  const accepted = sampleOrder();
  const [ticket] = accepted.tickets;
  const state = { state: "held", feeFen: null, refundFen: null } as const;
  const order: OrderRecord = {
    ...accepted,
    state: "pendingPayment",
    version: 1,
    paymentNo: null,
    paidAt: null,
    endedBecause: null,
    tickets: [{ ...ticket!, ...state, documentSealed: "sealed 110101199003070134" }],
  };
  const document = documentOf(order);
  expect(JSON.stringify(document)).not.toContain("sealed");
  expect(Object.keys(document.passengers[0]!).sort()).toEqual([
    "documentHash",
    "documentMasked",
    "name",
    "state",
    "ticketNo",
  ]);
  expect(document).toMatchObject({ orderNo: order.orderNo, version: 1, createdAt: order.acceptedAt });
});

/** The auditor's own eyes on tickets that are taken instead of others: each rule can fail, and holds where it should. */
import { expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { wrongWithInstead } from "./instead.ts";

const old = { orderNo: "E1", tickets: [{ ticketNo: "E1-1", fareFen: 900 }] } as unknown as Order;
const wrongWith = (fareFen: number, feeFen: number, refundFen: number, isCarried = true) => {
  const fresh = {
    orderNo: "E2",
    replaces: { isCarried, tickets: [{ ticketNo: "E1-1", feeFen, refundFen }] },
    tickets: [{ ticketNo: "E2-1", ticketType: "adult", fareFen }],
  } as unknown as Order;
  return wrongWithInstead(old, fresh, () => [700, 1_200]).length;
};

test("a dearer ticket costs what the old one did, a cheaper one gives the rest back, and nothing is kept", () => {
  expect([wrongWith(900, 0, 0), wrongWith(700, 0, 200)]).toEqual([0, 0]);
});

test("a fee, a difference that is asked for, and one that is not given back, are found", () => {
  expect([wrongWith(700, 50, 150), wrongWith(1_200, 0, 900, false), wrongWith(700, 0, 0)]).toEqual([1, 2, 1]);
  expect(wrongWith(800, 0, 100)).toBe(1);
});

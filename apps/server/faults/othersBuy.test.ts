/** What is said of purchases that a fault is to leave alone. */
import { expect, test } from "bun:test";
import { wrongPurchases } from "./othersBuy.ts";

const bought = (status: number | string, tookMs: number) => ({ status, tookMs });

test("who buys, or is refused by a rule, in time is right", () => {
  expect(wrongPurchases([bought(202, 30), bought(409, 3_900)])).toEqual([]);
});

test("a 503, a broken connection and a long wait are wrong, and so is that nobody bought", () => {
  expect(wrongPurchases([bought(503, 10), bought(202, 20)])).toEqual([expect.stringContaining("answered 503")]);
  expect(wrongPurchases([bought("Error: closed", 10), bought(202, 20)])).toHaveLength(1);
  expect(wrongPurchases([bought(202, 4_100), bought(202, 20)])).toEqual([expect.stringContaining("4100 ms")]);
  expect(wrongPurchases([bought(202, 1)])).toEqual(["nobody else could buy while a Redis master was struck"]);
});

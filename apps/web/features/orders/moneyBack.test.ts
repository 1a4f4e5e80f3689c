/** A page tells of the money that it is about, and watches until all of that is back. */
import { expect, test } from "bun:test";
import type { Payment } from "@chepiao/contracts";
import { anyRefund, differenceOf, isWatched, moneyBackOf, wholeOf } from "./moneyBack.ts";

type Refund = Payment["refunds"][number];
const refund = (reason: string, amountFen: number, state: Refund["state"] = "settled"): Refund => ({
  refundNo: `${reason} ${amountFen}`,
  amountFen,
  feeFen: 0,
  reason,
  state,
});
const paid = (...refunds: Refund[]) => ({ refunds });

test("of a served entry only the difference is told, whatever is given back later", () => {
  const sought = differenceOf(500);
  const returned = [refund("ticketReturned", 900, "due"), refund("duplicatePayment", 2_000)];
  expect(moneyBackOf(paid(...returned), sought)).toBeNull();
  expect(isWatched(paid(...returned), sought)).toBe(true);
  const all = paid(...returned, refund("waitlistDifference", 500));
  expect(moneyBackOf(all, sought)).toEqual({ sumFen: 500, isSettled: true });
  expect(isWatched(all, sought)).toBe(false);
});

test("an ended entry is watched until its whole prepayment is back; what was paid twice does not count", () => {
  const sought = wholeOf({ paidAt: "2026-12-01T08:00:00+08:00", prepayFen: 2_000 });
  const twice = refund("duplicatePayment", 2_000);
  expect(moneyBackOf(paid(twice), sought)).toBeNull();
  expect(isWatched(paid(twice), sought)).toBe(true);
  const part = paid(twice, refund("ticketReturned", 700));
  expect(moneyBackOf(part, sought)).toEqual({ sumFen: 2_000, isSettled: false });
  expect(isWatched(part, sought)).toBe(true);
  const due = paid(twice, refund("waitlistEnded", 2_000, "due"));
  expect(moneyBackOf(due, sought)).toEqual({ sumFen: 2_000, isSettled: false });
  expect(isWatched(due, sought)).toBe(true);
  const back = paid(twice, refund("waitlistEnded", 2_000));
  expect(moneyBackOf(back, sought)).toEqual({ sumFen: 2_000, isSettled: true });
  expect(isWatched(back, sought)).toBe(false);
});

test("who never opened the bank's page is not asked about; who did can still pay late", () => {
  const unpaid = wholeOf({ paidAt: null, prepayFen: 2_000 });
  expect(isWatched(null, unpaid)).toBe(false);
  expect(isWatched(undefined, anyRefund)).toBe(false);
  expect(isWatched(paid(), unpaid)).toBe(true);
  expect(moneyBackOf(paid(refund("latePayment", 2_000)), unpaid)).toEqual({ sumFen: 2_000, isSettled: true });
});

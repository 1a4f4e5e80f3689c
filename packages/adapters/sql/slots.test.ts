/** Where rows lie is a promise to every row that is there: slots never change, are even, and are locked in one order. */
import { expect, test } from "bun:test";
import { slotCount } from "@chepiao/kernel";
import { lockingOrder, slotOfText } from "./slots.ts";

test("a text has the same slot for ever: rows lie where it says", () => {
  expect(["", "G1/2026-12-01", "G2/2026-12-01", "alipay 2026112222001", "复兴号"].map<number>(slotOfText)).toEqual([
    1035, 568, 1869, 982, 479,
  ]);
});

test("runs of one month lie evenly on all slots", () => {
  const perSlot = new Uint32Array(slotCount);
  for (let day = 1; day <= 30; day++) {
    for (let train = 1; train <= 5_000; train++)
      perSlot[slotOfText(`G${train}/2026-11-${String(day).padStart(2, "0")}`)]!++;
  }
  const mean = (30 * 5_000) / slotCount;
  expect(Math.max(...perSlot)).toBeLessThan(mean * 1.7);
  expect(Math.min(...perSlot)).toBeGreaterThan(mean * 0.4);
});

test("in the order of locking each database comes once, however many there are, and all in one order", () => {
  const slots = Array.from({ length: slotCount }, (_, slot) => slot).sort((a, b) => lockingOrder(a) - lockingOrder(b));
  expect(new Set(slots).size).toBe(slotCount);
  for (let databases = 1; databases <= 64; databases *= 2) {
    const visits = slots.map((slot) => slot % databases).filter((database, at, all) => database !== all[at - 1]);
    expect(visits).toHaveLength(databases);
  }
});

/** What is published of an opening finds a draw that was bent, and leaves one alone that was not. */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import { buyersByTenth, evennessOf } from "./fairness.ts";

const lots = Array.from({ length: 2_000 }, (_, n) => `lot${n}`);
const placesOf = (drawn: readonly string[]) => new Map(drawn.map((lot, n) => [lot, n + 1]));

function shuffled(seed: number): string[] {
  const prng = createPrng(seed);
  const drawn = [...lots];
  for (let n = drawn.length - 1; n > 0; n--) {
    const other = prng.below(n + 1);
    [drawn[n], drawn[other]] = [drawn[other]!, drawn[n]!];
  }
  return drawn;
}

test("a shuffle is even, and one that leaves some of those listed first in front is found", () => {
  expect(evennessOf(lots, placesOf(shuffled(3)))!.p).toBeGreaterThan(0.001);
  const favoured = new Set(lots.slice(0, 100));
  const drawn = shuffled(3);
  const bent = [...drawn.filter((lot) => favoured.has(lot)), ...drawn.filter((lot) => !favoured.has(lot))];
  expect(evennessOf(lots, placesOf(bent))!.p).toBeLessThan(1e-6);
});

test("too few lots, and a list that is not what was drawn, say nothing", () => {
  expect(evennessOf(lots.slice(0, 499), placesOf(lots.slice(0, 499)))).toBeNull();
  expect(evennessOf(lots, placesOf(lots.slice(1)))).toBeNull();
  expect(evennessOf(lots, placesOf([...lots.slice(1), "another"]))).toBeNull();
});

test("buyers are counted by tenths of places, all lots in one of them", () => {
  expect(buyersByTenth([1, 2, 3, 25], 25).map(({ lots: each, bought }) => `${each} ${bought}`)).toEqual([
    "3 3",
    "2 0",
    "3 0",
    "2 0",
    "3 0",
    "2 0",
    "3 0",
    "2 0",
    "3 0",
    "2 1",
  ]);
  expect(buyersByTenth([1], 9)).toEqual([]);
});

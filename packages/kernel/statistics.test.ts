/** Held against figures of printed tables, and against chance itself. */
import { expect, test } from "bun:test";
import { createPrng } from "./prng.ts";
import { chiSquareTail, independence } from "./statistics.ts";

test("the tail of a chi-square is the one of the tables", () => {
  // Percentage points at 0.05, 0.01 and 0.001.
  for (const [chiSquare, degrees, p] of [
    [3.841, 1, 0.05],
    [18.307, 10, 0.05],
    [6.635, 1, 0.01],
    [29.588, 10, 0.001],
    [126.083, 81, 0.001],
    [0, 5, 1],
  ] as const)
    expect(chiSquareTail(chiSquare, degrees)).toBeCloseTo(p, 4);
});

test("rows that go with their columns are found, and those that are shuffled are not", () => {
  expect(
    independence([
      [30, 10],
      [10, 30],
    ]),
  ).toEqual({ chiSquare: 20, degrees: 1, p: expect.closeTo(7.744e-6, 8) as number });
  expect(
    independence([
      [20, 20],
      [20, 20],
    ]).p,
  ).toBe(1);
  const prng = createPrng(7);
  const counts = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 0));
  for (let n = 0; n < 10_000; n++) counts[n % 10]![prng.below(10)]!++;
  expect(independence(counts).p).toBeGreaterThan(0.001);
});

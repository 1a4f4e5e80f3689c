/** Withdrawn seats: taken to everybody who counts and chooses, and free again wherever nobody holds them. */
import { expect, test } from "bun:test";
import { BrokenBelief, createPrng } from "@chepiao/kernel";
import { auditTables, createStock, addRun, dropOffers, dropRun, free, occupy, release, setWithdrawn } from "./index.ts";
import { testLayout } from "./testing.ts";

const [seats, segments] = [40, 6];

test("whatever is taken, given back, withdrawn and put on sale again, the counts are those of a slow twin", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = createPrng(seed);
    const stock = createStock();
    const run = addRun(stock, [testLayout(7), testLayout(seats)], segments);
    const holds: { readonly seat: number; readonly from: number; readonly to: number }[] = [];
    let withdrawn: readonly number[] = [];
    const isHeld = (seat: number, from: number, to: number) =>
      holds.some((each) => each.seat === seat && each.from < to && from < each.to);
    for (let step = 0; step < 200; step++) {
      const from = prng.below(segments);
      const to = from + 1 + prng.below(segments - from);
      const seat = prng.below(seats);
      if (prng.chance(0.1)) {
        const next = [...Array(seats).keys()].filter(() => prng.chance(0.3));
        expect(setWithdrawn(stock, run, 1, next)).toBe(next.join() !== withdrawn.join());
        expect(setWithdrawn(stock, run, 1, next)).toBe(false);
        withdrawn = next;
      } else if (prng.chance(0.6) || holds.length === 0) {
        const isTaken = occupy(stock, run, 1, seat, from, to);
        expect({ seed, step, isTaken }).toEqual({ seed, step, isTaken: !isHeld(seat, from, to) });
        if (isTaken) holds.push({ seat, from, to });
      } else {
        const [gone] = holds.splice(prng.below(holds.length), 1);
        release(stock, run, 1, gone!.seat, gone!.from, gone!.to);
      }
      expect(auditTables(stock, run, 1)).toEqual([]);
      const left = [...Array(seats).keys()].filter((each) => !withdrawn.includes(each) && !isHeld(each, from, to));
      expect({ seed, step, free: free(stock, run, 1, from, to) }).toEqual({ seed, step, free: left.length });
      expect(free(stock, run, 0, 0, segments)).toBe(7);
    }
  }
});

test("giving back of a withdrawn seat what nobody has stops us", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(3)], 5);
  occupy(stock, run, 0, 1, 0, 2);
  setWithdrawn(stock, run, 0, [1]);
  expect(() => release(stock, run, 0, 1, 0, 3)).toThrow(BrokenBelief);
  release(stock, run, 0, 1, 0, 2);
  expect(() => release(stock, run, 0, 1, 0, 2)).toThrow(BrokenBelief);
});

test("a run that is dropped leaves no withdrawn seats to the next that has its handle", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(3)], 5);
  setWithdrawn(stock, run, 0, [0, 1]);
  dropOffers(stock, run);
  dropRun(stock, run);
  const next = addRun(stock, [testLayout(3)], 5);
  expect(next).toBe(run);
  expect(occupy(stock, next, 0, 0, 0, 5)).toBe(true);
  release(stock, next, 0, 0, 0, 5);
  expect(free(stock, next, 0, 0, 5)).toBe(3);
});

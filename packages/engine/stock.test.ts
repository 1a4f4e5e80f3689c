/** The seats of a run: counted right, chosen by best fit, sold once. */
import { expect, test } from "bun:test";
import { BrokenBelief, createPrng, passengersPerOrderMax, segmentsPerRunMax, seatsPerClassMax } from "@chepiao/kernel";
import fc from "fast-check";
import {
  addRun,
  auditTables,
  bytesPerRun,
  ChangeCount,
  countChange,
  createStock,
  dropRun,
  free,
  heldSeats,
  hold,
  occupy,
  placeOf,
  publicSale,
  release,
  seatIsFree,
  seeChunk,
  seeRun,
  soldOut,
} from "./index.ts";
import { testLayout } from "./testing.ts";

const seed = process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {};
const runsOf = (count: number) => ({ ...seed, numRuns: Number(process.env["RUNS"] ?? count) });
const noWishes = new Uint8Array(5);

test("a seat sold over part of the way is free before and after it", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(1)], 5);
  expect(hold(stock, run, 0, 1, 3, 1, noWishes, publicSale, 0)).not.toBe(soldOut);
  const ways = [
    [0, 1],
    [3, 5],
    [0, 2],
    [2, 3],
    [0, 5],
  ] as const;
  expect(ways.map(([from, to]) => free(stock, run, 0, from, to))).toEqual([1, 1, 0, 0, 0]);
  expect(hold(stock, run, 0, 2, 4, 1, noWishes, publicSale, 0)).toBe(soldOut);
  release(stock, run, 0, heldSeats[0]!, 1, 3);
  expect(free(stock, run, 0, 0, 5)).toBe(1);
});

test("giving back what nobody has stops us", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(3)], 5);
  hold(stock, run, 0, 1, 3, 1, noWishes, publicSale, 0);
  expect(() => release(stock, run, 0, 0, 1, 4)).toThrow(BrokenBelief);
  expect(() => release(stock, run, 0, 1, 1, 3)).toThrow(BrokenBelief);
  expect(auditTables(stock, run, 0)).toEqual([]);
  expect(free(stock, run, 0, 1, 3)).toBe(2);
});

test("a way that does not lead forward stops us", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(3)], 5);
  for (const [from, to] of [
    [2, 2],
    [3, 1],
    [-1, 2],
    [0, 6],
  ] as const) {
    expect(() => hold(stock, run, 0, from, to, 1, noWishes, publicSale, 0)).toThrow(BrokenBelief);
  }
});

test("the largest run the limits allow can be sold and given back", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(seatsPerClassMax, 4), testLayout(33, 3)], segmentsPerRunMax);
  expect(free(stock, run, 0, 0, segmentsPerRunMax)).toBe(seatsPerClassMax);
  expect(occupy(stock, run, 0, seatsPerClassMax - 1, 31, 97)).toBe(true);
  expect(occupy(stock, run, 0, seatsPerClassMax - 1, 96, 128)).toBe(false);
  expect(free(stock, run, 0, 0, segmentsPerRunMax)).toBe(seatsPerClassMax - 1);
  // The best fit is at the very end of the class.
  hold(stock, run, 0, 100, 110, 1, noWishes, publicSale, 0);
  expect(heldSeats[0]).toBe(seatsPerClassMax - 1);
  release(stock, run, 0, seatsPerClassMax - 1, 100, 110);
  release(stock, run, 0, seatsPerClassMax - 1, 31, 97);
  expect(free(stock, run, 0, 0, segmentsPerRunMax)).toBe(seatsPerClassMax);
  expect(free(stock, run, 1, 0, segmentsPerRunMax)).toBe(33);
});

test("a dropped run's memory and handle serve the next, which begins empty", () => {
  const stock = createStock();
  const layouts = [testLayout(40), testLayout(7)];
  const runs = Array.from({ length: 100 }, () => addRun(stock, layouts, 9));
  const bytes = stock.slab.used;
  for (const run of runs) {
    hold(stock, run, 0, 0, 9, 5, noWishes, publicSale, 0);
    dropRun(stock, run);
  }
  for (let i = 0; i < 100; i++) {
    const run = addRun(stock, layouts, 9);
    expect(runs).toContain(run);
    expect([free(stock, run, 0, 0, 9), free(stock, run, 1, 0, 9)]).toEqual([40, 7]);
  }
  expect(stock.slab.used).toBe(bytes);
});

test("what is sold from shared memory is seen by whoever shares it, and the count of changes moves", () => {
  const shared: SharedArrayBuffer[] = [];
  const stock = createStock((byteCount) => {
    shared.push(new SharedArrayBuffer(byteCount));
    return shared.at(-1)!;
  });
  const layouts = [testLayout(10)];
  addRun(stock, layouts, 7);
  const run = addRun(stock, layouts, 4);

  const other = createStock();
  for (const buffer of shared) seeChunk(other, buffer);
  const seen = seeRun(other, layouts, 4, placeOf(stock, run));
  const changes = new ChangeCount();
  expect(changes.count).toBe(0);
  changes.watch(other, seen);
  const before = changes.count;
  expect([before === 0, free(other, seen, 0, 1, 3)]).toEqual([false, 10]);

  expect(hold(stock, run, 0, 0, 2, 2, noWishes, publicSale, 0)).not.toBe(soldOut);
  countChange(stock, run);
  expect([free(other, seen, 0, 1, 3), free(other, seen, 0, 2, 4)]).toEqual([8, 10]);
  expect(changes.count).not.toBe(before);
  expect(auditTables(other, seen, 0)).toEqual([]);

  const last = changes.count;
  changes.end();
  expect([0, before, last]).not.toContain(changes.count);
});

test("an eight-coach train of ten stops takes less than 2 KB", () => {
  // Business, first and second class as on a CR400, and places to stand.
  const layouts = [testLayout(10, 3), testLayout(52, 4), testLayout(514, 5), testLayout(100, 1)];
  expect(bytesPerRun(createStock(), layouts, 9)).toBeLessThan(2_048);
});

/** Best fit, the slow way: among free seats that answer the wish, least (gap, index); without one, among all. */
function expectedSeat(
  taken: readonly boolean[][],
  from: number,
  to: number,
  answersWish: (seat: number) => boolean,
): number {
  let best = -1;
  let bestGap = Infinity;
  for (const onlyWished of [true, false]) {
    taken.forEach((segments, seat) => {
      if (segments.slice(from, to).includes(true) || (onlyWished && !answersWish(seat))) return;
      let gap = to - from;
      for (let s = from - 1; s >= 0 && !segments[s]; s--) gap++;
      for (let s = to; s < segments.length && !segments[s]; s++) gap++;
      if (gap < bestGap) [best, bestGap] = [seat, gap];
    });
    if (best >= 0) return best;
  }
  return -1;
}

test("one passenger gets the best fit, and the tables agree with the bitmaps, whatever happens", () => {
  const world = fc.record({
    seats: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 300 })),
    segments: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 14 }) },
      { weight: 1, arbitrary: fc.constantFrom(32, 33, 65, 128) },
    ),
    rowLength: fc.integer({ min: 1, max: 6 }),
    actions: fc.integer({ min: 1, max: 150 }),
    seed: fc.nat(),
  });
  const live = ({
    seats,
    segments,
    rowLength,
    actions,
    seed: actionSeed,
  }: typeof world extends fc.Arbitrary<infer W> ? W : never) => {
    const random = createPrng(actionSeed);
    const stock = createStock();
    const layouts = [testLayout(3), testLayout(seats, rowLength)];
    addRun(stock, layouts, segments);
    const run = addRun(stock, layouts, segments);
    const taken = Array.from({ length: seats }, () => Array.from({ length: segments }, () => false));
    const sold: [seat: number, from: number, to: number][] = [];
    const wishes = new Uint8Array(5);
    const mark = (seat: number, from: number, to: number, value: boolean) => taken[seat]!.fill(value, from, to);
    for (let i = 0; i < actions; i++) {
      const from = random.below(segments);
      const to = random.chance(0.3) ? segments : from + 1 + random.below(segments - from);
      const action = random.next();
      if (action < 0.55) {
        const wish = (wishes[0] = random.chance(0.5) ? 0 : 1 + random.below(3));
        const expected = expectedSeat(
          taken,
          from,
          to,
          (seat) => (layouts[1]!.masks[wish]![seat >> 5]! & (1 << (seat & 31))) !== 0,
        );
        const outcome = hold(stock, run, 1, from, to, 1, wishes, publicSale, 0);
        expect(outcome === soldOut ? -1 : heldSeats[0]!).toBe(expected);
        if (outcome === soldOut) continue;
        mark(expected, from, to, true);
        sold.push([expected, from, to]);
      } else if (action < 0.75 && sold.length > 0) {
        const [seat, first, last] = sold.splice(random.below(sold.length), 1)[0]!;
        release(stock, run, 1, seat, first, last);
        mark(seat, first, last, false);
      } else {
        const seat = random.below(seats);
        const isFree = !taken[seat]!.slice(from, to).includes(true);
        expect(seatIsFree(stock, run, 1, seat, from, to)).toBe(isFree);
        expect(occupy(stock, run, 1, seat, from, to)).toBe(isFree);
        if (!isFree) continue;
        mark(seat, from, to, true);
        sold.push([seat, from, to]);
      }
    }
    expect(auditTables(stock, run, 1)).toEqual([]);
    expect(auditTables(stock, run, 0)).toEqual([]);
    expect(free(stock, run, 1, 0, segments)).toBe(taken.filter((each) => !each.includes(true)).length);
  };
  fc.assert(fc.property(world, live), runsOf(200));
});

test("a party's tables agree with the bitmaps too", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 5, max: 120 }),
      fc.integer({ min: 1, max: 12 }),
      (actionSeed, seats, segments) => {
        const random = createPrng(actionSeed);
        const stock = createStock();
        const run = addRun(stock, [testLayout(seats)], segments);
        const wishes = new Uint8Array(passengersPerOrderMax);
        const owners = new Map<string, number>();
        for (let party = 0; party < 80; party++) {
          const from = random.below(segments);
          const to = from + 1 + random.below(segments - from);
          const count = 1 + random.below(passengersPerOrderMax);
          for (let p = 0; p < count; p++) wishes[p] = random.below(4);
          const before = free(stock, run, 0, from, to);
          const outcome = hold(stock, run, 0, from, to, count, wishes, publicSale, 0);
          expect(outcome === soldOut).toBe(before < count);
          if (outcome === soldOut) continue;
          expect(free(stock, run, 0, from, to)).toBe(before - count);
          for (let p = 0; p < count; p++) {
            for (let s = from; s < to; s++) {
              expect(owners.has(`${heldSeats[p]}/${s}`)).toBe(false);
              owners.set(`${heldSeats[p]}/${s}`, party);
            }
          }
        }
        expect(auditTables(stock, run, 0)).toEqual([]);
      },
    ),
    runsOf(100),
  );
});

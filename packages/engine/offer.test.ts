/** What was set for the sale of runs: its memory, and what another thread sees of it. Its meaning is tested by the seat stores' suites. */
import { expect, test } from "bun:test";
import {
  addHold,
  addRun,
  beyondQuota,
  ChangeCount,
  changeSale,
  createHoldTable,
  createStock,
  dropOffers,
  dropRun,
  heldSeats,
  hold,
  parentFirst,
  placeOf,
  publicSale,
  reseatSale,
  recountQuotas,
  sale,
  seeChunk,
  seeRun,
  sellable,
  setGate,
  setQuotas,
  type Stock,
  waitlistFirst,
  waitlistSale,
} from "./index.ts";
import { createLayout, type Layout } from "./layout.ts";
import { chunkBits, inChunk } from "./slab.ts";
import { testLayout } from "./testing.ts";

const wishes = new Uint8Array(5);
const now = 1_796_083_200_000;
const way = { fromStops: [0], toStops: [2] };
const limited = (seats: number | null) => ({ ...way, limits: [{ since: now, seats }] });
const onSale = (stock: Stock, run: number, channel = publicSale, at = now) => {
  const count = sellable(stock, run, 0, 0, 2, channel, at);
  return count > 0 ? count : sale.why;
};

test("gates that open and close, and runs that end, leave no memory behind", () => {
  const stock = createStock();
  const layouts = [testLayout(40), testLayout(7)];
  const live = () => {
    const run = addRun(stock, layouts, 9);
    for (let n = 0; n < 50; n++) {
      setGate(
        stock,
        run,
        n % 2,
        Array.from({ length: n % 7 }, () => way),
      );
      setQuotas(
        stock,
        run,
        n % 2,
        Array.from({ length: n % 4 }, () => limited(n)),
      );
    }
    dropOffers(stock, run);
    dropRun(stock, run);
  };
  live();
  const used = stock.slab.used;
  for (let n = 0; n < 200; n++) live();
  expect([stock.slab.used, stock.slab.chunks.length]).toEqual([used, 1]);
  // The next run in the same place has none of it.
  const run = addRun(stock, layouts, 9);
  expect(onSale(stock, run)).toBe(40);
});

test("what is set for a run is not another's, and quotas of many runs are counted in one pass", () => {
  const stock = createStock();
  const table = createHoldTable(16);
  const runs = [0, 1, 2].map(() => addRun(stock, [testLayout(10)], 4));
  let id = 0;
  for (const run of runs) {
    for (let n = 0; n <= run; n++) {
      expect(hold(stock, run, 0, 0, 2, 2, wishes, publicSale, now)).toBeGreaterThanOrEqual(0);
      addHold(table, ++id, 0, run, 0, 0, 2, now + 1, heldSeats, 2);
    }
  }
  for (const run of runs.slice(0, 2)) setQuotas(stock, run, 0, [limited(5)]);
  recountQuotas(stock, table, new Set(runs.slice(0, 2)));
  expect(runs.map((run) => onSale(stock, run))).toEqual([3, 1, 4]);
  expect(hold(stock, runs[1]!, 0, 0, 2, 2, wishes, publicSale, now)).toBe(beyondQuota);
  expect(hold(stock, runs[1]!, 0, 0, 1, 2, wishes, publicSale, now)).toBeGreaterThanOrEqual(0);
});

test("what is set already is not set again, and keeps what it has counted", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(10)], 4);
  const table = createHoldTable(16);
  const earlyAndLate = {
    ...limited(5),
    limits: [
      { since: 0, seats: 5 },
      { since: 2 ** 31, seats: null },
    ],
  };
  const kinds = [
    [],
    [limited(5)],
    [limited(6)],
    [limited(5), limited(5)],
    [earlyAndLate],
    [limited(null)],
    [{ ...limited(5), toStops: [3] }],
  ];
  for (const before of kinds) {
    for (const after of kinds) {
      setQuotas(stock, run, 0, before);
      recountQuotas(stock, table, new Set([run]));
      expect(setQuotas(stock, run, 0, structuredClone(before))).toBe(false);
      expect(setQuotas(stock, run, 0, after)).toBe(before !== after);
    }
  }
  setQuotas(stock, run, 0, [limited(5)]);
  expect(hold(stock, run, 0, 0, 2, 2, wishes, publicSale, now)).toBeGreaterThanOrEqual(0);
  expect([setQuotas(stock, run, 0, [limited(5)]), onSale(stock, run)]).toEqual([false, 3]);
  const gates = [[], [way], [{ ...way, toStops: [3] }]];
  for (const before of gates) {
    for (const after of gates) {
      setGate(stock, run, 0, before);
      expect(setGate(stock, run, 0, after)).toBe(before !== after);
    }
  }
});

test("instants are exact to the millisecond", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(10)], 4);
  for (const since of [now, 2 ** 32 - 1, 2 ** 32, 2 ** 41 + 12_345]) {
    setQuotas(stock, run, 0, [{ ...way, limits: [{ since, seats: null }] }]);
    expect([onSale(stock, run, publicSale, since - 1), sale.changesAt]).toEqual([beyondQuota, since]);
    expect([onSale(stock, run, publicSale, since), sale.changesAt]).toEqual([10, Infinity]);
  }
});

test("a class is sold once its parent has no free seat over the way", () => {
  const standing: Layout = createLayout({
    seatCount: 3,
    rowOf: (seat) => seat,
    coachOf: () => 0,
    wishes: [],
    parent: 1,
  });
  const stock = createStock();
  const run = addRun(stock, [standing, testLayout(2)], 4);
  setGate(stock, run, 1, [way]);
  for (const channel of [publicSale, waitlistSale, changeSale, reseatSale])
    expect(onSale(stock, run, channel)).toBe(parentFirst);
  hold(stock, run, 1, 0, 3, 2, wishes, publicSale, now);
  expect(onSale(stock, run)).toBe(3);
  expect(sellable(stock, run, 0, 0, 4, publicSale, now)).toBe(3);
  expect(sellable(stock, run, 0, 3, 4, publicSale, now)).toBe(0);
});

test("who shares the memory sees what was set, as soon as he has heard of the memory", () => {
  const shared: SharedArrayBuffer[] = [];
  const stock = createStock((byteCount) => {
    shared.push(new SharedArrayBuffer(byteCount));
    return shared.at(-1)!;
  });
  const layouts = [testLayout(10)];
  const run = addRun(stock, layouts, 4);
  const other = createStock();
  seeChunk(other, shared[0]!);
  const seen = seeRun(other, layouts, 4, placeOf(stock, run));
  const changes = new ChangeCount();
  changes.watch(other, seen);

  setGate(stock, run, 0, [way]);
  expect([onSale(other, seen), onSale(other, seen, waitlistSale)]).toEqual([waitlistFirst, 10]);
  // Fills what is left of the memory, so that the next thing that is set lies in a part that the other does not know.
  while (shared.length === 1) addRun(stock, layouts, 4);
  setQuotas(stock, run, 0, [limited(4)]);
  setGate(stock, run, 0, []);
  expect([onSale(stock, run), onSale(other, seen)]).toEqual([4, 10]);
  const before = changes.count;
  seeChunk(other, shared[1]!);
  changes.seeMore();
  expect([changes.count === before, onSale(other, seen)]).toEqual([false, 4]);
  changes.end();
  const ended = changes.count;
  changes.seeMore();
  expect(changes.count).toBe(ended);
});

test("a look at memory that was given to another comes to an end", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(10)], 4);
  setGate(stock, run, 0, [way]);
  setQuotas(stock, run, 0, [limited(4)]);
  const { words } = stock.slab.chunks[placeOf(stock, run) >>> chunkBits]!;
  const runAt = placeOf(stock, run) & inChunk;
  for (const nonsense of [-1, 2 ** 31 - 1, 0x5a5a5a5a]) {
    for (const block of [words[runAt + 1]!, words[runAt + 2]!]) words.fill(nonsense, block, block + 48);
    const started = performance.now();
    onSale(stock, run);
    onSale(stock, run, waitlistSale);
    expect(performance.now() - started).toBeLessThan(5_000);
  }
  for (const nonsense of [-1, 2 ** 31 - 1, 0x5a5a5a5a]) {
    words.fill(nonsense, runAt + 1, runAt + 3);
    expect(onSale(stock, run)).toBe(10);
  }
});

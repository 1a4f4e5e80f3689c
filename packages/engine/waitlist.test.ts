/** Who waits for a run, in order. What serving means is tested by the seat stores' suites. */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import fc from "fast-check";
import {
  addNeed,
  addRun,
  anywhere,
  createStock,
  createWaitlist,
  endNeed,
  forgetNeeds,
  hasWaited,
  heldSeats,
  hold,
  needsAhead,
  type NeedSpec,
  publicSale,
  release,
  servedNeed,
  serveWaitlist,
  setQuotas,
  type Stock,
  type Waitlist,
  waits,
} from "./index.ts";
import { createLayout } from "./layout.ts";
import { testLayout } from "./testing.ts";

const seed = process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {};
const runsOf = (count: number) => ({ ...seed, numRuns: Number(process.env["RUNS"] ?? count) });
const noWishes = new Uint8Array(5);
const segments = 6;
const need = (id: number, over: Partial<NeedSpec> = {}): NeedSpec => ({
  id,
  line: 0,
  classes: [0],
  from: 0,
  to: segments,
  wishes: [0],
  place: id,
  ...over,
});

function serveAll(stock: Stock, waitlist: Waitlist, reach = anywhere, now = 0): number[] {
  const ids: number[] = [];
  serveWaitlist(stock, waitlist, reach, now, () => ids.push(servedNeed.id));
  return ids;
}

test("whoever joins, leaves or is forgotten meanwhile, those who wait are served by place", () => {
  const live = (actionSeed: number, actions: number) => {
    const random = createPrng(actionSeed);
    const stock = createStock();
    const run = addRun(stock, [testLayout(5), testLayout(5)], segments);
    const waitlist = createWaitlist(run);
    let waiting: NeedSpec[] = [];
    // Nothing is free, until all is.
    for (const cls of [0, 1]) hold(stock, run, cls, 0, segments, 5, noWishes, publicSale, 0);
    for (let id = 1; id <= actions; id++) {
      const draw = random.next();
      if (draw < 0.7) {
        const from = random.below(2);
        const classes = random.pick([[0], [1], [1, 0]]);
        const party = Array.from({ length: 1 + random.below(2) }, () => random.below(4));
        const place = random.chance(0.8) ? id : random.below(id);
        const joins = need(id, { from, classes, wishes: party, place, line: random.below(3) });
        addNeed(waitlist, joins);
        waiting.push(joins);
      } else if (draw < 0.95 && waiting.length > 0) {
        const { id: gone, line } = random.pick(waiting);
        endNeed(waitlist, gone, line);
        waiting = waiting.filter((each) => each.id !== gone);
        expect([hasWaited(waitlist, gone, line), waits(waitlist, gone, line)]).toEqual([true, false]);
      } else {
        const upTo = random.below(id);
        const isKept = (each: number) => each % 3 !== 0;
        forgetNeeds(waitlist, upTo, isKept);
        waiting = waiting.filter((each) => each.place > upTo || isKept(each.id));
      }
      expect(waitlist.size).toBe(waiting.length);
    }
    const place = random.below(actions);
    const rivals = waiting.filter((each) => each.place < place && each.classes.includes(1));
    expect(needsAhead(waitlist, 1 << 1, 1, 2, place)).toBe(rivals.length);

    const served: number[] = [];
    for (const cls of [0, 1]) for (let seat = 0; seat < 5; seat++) release(stock, run, cls, seat, 0, segments);
    // Each is given back at once, so that all are served.
    serveWaitlist(stock, waitlist, anywhere, 0, ({ id, cls, from, to, partySize }) => {
      served.push(id);
      for (const seat of heldSeats.subarray(0, partySize)) release(stock, run, cls, seat, from, to);
    });
    const inOrder = waiting.toSorted((a, b) => a.place - b.place || a.id - b.id);
    expect(served).toEqual(inOrder.map(({ id }) => id));
    expect(waitlist.size).toBe(0);
  };
  fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 120 }), live), runsOf(150));
});

test("who waits alike is looked at once: the first that does not fit speaks for all", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(5)], segments);
  const waitlist = createWaitlist(run);
  expect(addNeed(waitlist, need(1))).toBe(false);
  expect(addNeed(waitlist, need(2))).toBe(true);
  expect(addNeed(waitlist, need(3, { to: 2 }))).toBe(false);
  expect(waitlist.groups.length).toBe(2);
});

test("only what a step can have changed is served, and quotas reach over the whole run", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(2), testLayout(2)], segments);
  const waitlist = createWaitlist(run);
  addNeed(waitlist, need(1, { from: 4 }));
  addNeed(waitlist, need(2, { classes: [1] }));
  expect(serveAll(stock, waitlist, { classBits: 1 << 0, from: 0, to: 4 })).toEqual([]);
  const all = Array.from({ length: segments + 1 }, (_, stop) => stop);
  setQuotas(stock, run, 0, [{ fromStops: all, toStops: all, limits: [{ since: 0, seats: 1 }] }]);
  expect(serveAll(stock, waitlist, { classBits: 1 << 0, from: 0, to: 4 })).toEqual([1]);
  expect(serveAll(stock, waitlist)).toEqual([2]);
});

test("when by time alone somebody may be served is the next limit of those who find seats enough", () => {
  const stock = createStock();
  const run = addRun(stock, [testLayout(2)], segments);
  const waitlist = createWaitlist(run);
  const limits = [10, 20, 30].map((since, n) => ({ since, seats: n }));
  setQuotas(stock, run, 0, [{ fromStops: [0], toStops: [segments], limits }]);
  addNeed(waitlist, need(1, { wishes: [0, 0, 0] }));
  serveAll(stock, waitlist);
  expect(waitlist.serveAt).toBe(Infinity);
  addNeed(waitlist, need(2, { wishes: [0, 0] }));
  for (const [now, at, served] of [
    [0, 10, []],
    [10, 20, []],
    [20, 30, []],
    [30, Infinity, [2]],
  ] as const) {
    expect(serveAll(stock, waitlist, anywhere, now)).toEqual([...served]);
    expect(waitlist.serveAt).toBe(at);
  }
});

test("a class that is sold after another is served with its last seat", () => {
  const standing = createLayout({ seatCount: 3, rowOf: (seat) => seat, coachOf: () => 0, wishes: [], parent: 1 });
  const stock = createStock();
  const run = addRun(stock, [standing, testLayout(1)], segments);
  const waitlist = createWaitlist(run);
  addNeed(waitlist, need(1, { classes: [0], wishes: [0, 3] }));
  expect(serveAll(stock, waitlist)).toEqual([]);
  addNeed(waitlist, need(2, { classes: [1] }));
  expect(serveAll(stock, waitlist, { classBits: 1 << 1, from: 0, to: segments })).toEqual([2, 1]);
});

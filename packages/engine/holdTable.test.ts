/** Holds by id: found, forgotten, and woken at their deadline. */
import { expect, test } from "bun:test";
import { createPrng, minuteMs, passengersPerOrderMax } from "@chepiao/kernel";
import fc from "fast-check";
import {
  addHold,
  confirmed,
  confirmHold,
  createHoldTable,
  eraseHoldsOfRuns,
  findHold,
  held,
  holdTableBytes,
  released,
  releaseSeat,
  takeOverdue,
  tombstoneGraceMs,
} from "./index.ts";

const seed = process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {};
const runsOf = (count: number) => ({ ...seed, numRuns: Number(process.env["RUNS"] ?? count) });
const start = Date.UTC(2026, 11, 1);
const ttlMs = 20 * minuteMs;

test("a released hold is remembered until its deadline and the grace have passed", () => {
  const table = createHoldTable();
  const slot = addHold(table, 7, 0, 0, 0, 0, 3, start + ttlMs, [4], 1);
  expect(releaseSeat(table, slot, 0)).toBe(true);
  expect(releaseSeat(table, slot, 0)).toBe(false);
  const out = new Int32Array(10);
  const gone = start + ttlMs + tombstoneGraceMs;
  expect(takeOverdue(table, gone - 1, gone, out)).toBe(0);
  expect(table.states[findHold(table, 7, 0)]).toBe(released);
  expect(takeOverdue(table, gone, gone + 1, out)).toBe(0);
  expect(findHold(table, 7, 0)).toBe(-1);
  expect(table.slotCount).toBe(0);
});

test("a hold released after it was confirmed is remembered as well", () => {
  const table = createHoldTable();
  const slot = addHold(table, 7, 0, 0, 0, 0, 3, start + ttlMs, [4, 5], 2);
  confirmHold(table, slot);
  releaseSeat(table, slot, 1);
  expect(table.states[slot]).toBe(confirmed);
  releaseSeat(table, slot, 0);
  expect([table.states[slot], table.confirmedCount]).toEqual([released, 0]);
  takeOverdue(table, start + 2 * ttlMs, start + 3 * ttlMs, new Int32Array(1));
  expect(findHold(table, 7, 0)).toBe(-1);
});

test("ids beyond 32 bits are told apart", () => {
  const table = createHoldTable(16);
  const ids = Array.from({ length: 100 }, (_, i) => 2 ** 53 - 1 - i * 2 ** 32);
  ids.forEach((id, i) => addHold(table, id, 0, i, 0, 0, 1, null, [0], 1));
  expect(ids.map((id) => table.runs[findHold(table, id, 0)])).toEqual(ids.map((_, i) => i));
  expect(findHold(table, 2 ** 53 - 2, 0)).toBe(-1);
});

test("a long pause loses no deadline", () => {
  const table = createHoldTable();
  const out = new Int32Array(100);
  takeOverdue(table, start, start + 1, out);
  // From overdue before it began to far beyond one turn of the wheel.
  const deadlines = [-5, 0, 1, 1_000, ttlMs, 70 * minuteMs, 1_000 * minuteMs, 5_000 * minuteMs];
  deadlines.forEach((after, i) => addHold(table, i + 1, 0, 0, 0, 0, 1, start + after, [i], 1));
  expect(takeOverdue(table, start + 999 * minuteMs, start + 6_000 * minuteMs, out)).toBe(6);
  expect(takeOverdue(table, start + 1_000 * minuteMs, start + 6_000 * minuteMs, out)).toBe(1);
  expect(takeOverdue(table, start + 5_999 * minuteMs, start + 6_000 * minuteMs, out)).toBe(1);
  expect(takeOverdue(table, start + 6_000 * minuteMs, start + 9_000 * minuteMs, out)).toBe(8);
});

test("after a pause longer than a turn of the wheel every second of it is looked at", () => {
  const table = createHoldTable();
  const out = new Int32Array(10_000);
  takeOverdue(table, start, start + 1, out);
  for (let second = 0; second < 5_000; second++)
    addHold(table, second + 1, 0, 0, 0, 0, 1, start + second * 1_000, [0], 1);
  expect(takeOverdue(table, start + 6_000_000, start + 7_000_000, out)).toBe(5_000);
});

test("the overdue come in portions, each once", () => {
  const table = createHoldTable();
  for (let id = 1; id <= 25; id++) addHold(table, id, 0, 0, 0, 0, 1, start + (id % 3), [0], 1);
  const out = new Int32Array(10);
  const found = [1, 2, 3, 4].map(() => takeOverdue(table, start + 5, start + minuteMs, out));
  expect(found).toEqual([10, 10, 5, 0]);
});

const holdNamed = (name: number) => [1 + Math.floor(name / 3) * 2 ** 40, name % 3] as const;
const nameOf = (id: number, line: number) => ((id - 1) / 2 ** 40) * 3 + line;

test("the table finds, forgets and wakes like a plain map", () => {
  fc.assert(
    fc.property(fc.nat(), (actionSeed) => {
      const random = createPrng(actionSeed);
      const table = createHoldTable(16);
      const model = new Map<number, { run: number; state: number; due: number; live: number }>();
      const out = new Int32Array(64);
      let now = start;
      for (let i = 0; i < 400; i++) {
        // Few ids that collide often, of three lines each.
        const name = random.below(60);
        const [id, line] = holdNamed(name);
        const known = model.get(name);
        const slot = findHold(table, id, line);
        expect(slot >= 0 ? table.states[slot]! : 0).toBe(known?.state ?? 0);
        const action = random.next();
        if (!known && action < 0.8) {
          const count = 1 + random.below(passengersPerOrderMax);
          const due = now + random.below(90) * minuteMs;
          addHold(table, id, line, name % 7, 0, 0, 1, due, [1, 2, 3, 4, 5, 6, 7, 8, 9], count);
          model.set(name, { run: name % 7, state: held, due, live: count });
        } else if (known && action < 0.3) {
          confirmHold(table, slot);
          if (known.state === held) known.state = confirmed;
        } else if (known && action < 0.7) {
          for (let place = 0; place < known.live; place++) releaseSeat(table, slot, place);
          known.state = released;
        } else if (action < 0.98) {
          now += random.below(3) * random.below(40) * minuteMs;
          const due = [...model].filter(([, hold]) => hold.state === held && hold.due <= now);
          const found = takeOverdue(table, now, now + minuteMs, out);
          const woken = Array.from(out.subarray(0, found), (each) => nameOf(table.ids[each]!, table.lines[each]!));
          expect(new Set(woken)).toEqual(new Set(due.map(([each]) => each)));
          expect(woken.length).toBe(due.length);
          for (const [, hold] of due) hold.due = now + minuteMs;
          for (const [each, hold] of model)
            if (hold.state === released && hold.due + tombstoneGraceMs <= now) model.delete(each);
        } else {
          const run = random.below(7);
          eraseHoldsOfRuns(table, new Set([run]));
          for (const [each, hold] of model) if (hold.run === run) model.delete(each);
        }
      }
      expect(table.slotCount).toBe(model.size);
      for (const name of model.keys()) expect(findHold(table, ...holdNamed(name))).toBeGreaterThanOrEqual(0);
      expect(table.heldCount).toBe([...model.values()].filter((hold) => hold.state === held).length);
    }),
    runsOf(60),
  );
});

test("a million holds fit in 68 MB", () => {
  const bytesPerHold = (holdTableBytes(createHoldTable(2 ** 16)) - holdTableBytes(createHoldTable(2 ** 15))) / 2 ** 15;
  expect(bytesPerHold * 2 ** 20).toBeLessThan(68_000_000);
});

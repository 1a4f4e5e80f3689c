/** What a process says of its load. */
import { expect, test } from "bun:test";
import { type QueueLoadRules, type RunId, runId } from "@chepiao/contracts";
import { epochMs, secondMs, serviceDate } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import type { ProcessLoad } from "@chepiao/ports/purchase-load";
import { createLoadNotes } from "./load.ts";

const day = serviceDate("2027-01-20");
const purchaseOf = (...trains: readonly string[]) =>
  ({ lines: trains.map((trainNumber) => ({ trainNumber, originDate: day })) }) as unknown as Parameters<
    ReturnType<typeof createLoadNotes>["tried"]
  >[0];
const triesOf = (...trains: readonly (readonly [string, number])[]) =>
  Object.fromEntries(trains.map(([train, count]) => [runId(train, day), count])) as Record<RunId, number>;

function createWorld(rules: QueueLoadRules | null = {} as QueueLoadRules) {
  const clock = createManualClock(epochMs(1_800_000_000_000));
  const said: ProcessLoad[] = [];
  const reports: string[] = [];
  let isAway = false;
  let named = 0;
  const waiting: number[] = [];
  const notes = createLoadNotes({
    clock,
    rules: () => rules,
    timetable: () => ({ run: (trainNumber) => (trainNumber === "X1" ? null : ({} as never)) }),
    load: {
      async note(process, load) {
        if (isAway) throw new Error("away");
        expect(process).toBe("process 1");
        said.push(load);
      },
    },
    random: { token: () => `process ${++named}` },
    waiting: () => waiting.shift() ?? 12,
    unwrittenMs: () => 3_000,
    report: (message) => reports.push(message),
  });
  return { clock, waiting, said, reports, notes, goAway: () => (isAway = true) };
}

test("it speaks once a second while somebody buys, of what was tried since", async () => {
  const { clock, said, notes } = createWorld();
  notes.tried(purchaseOf("G1"));
  notes.tried(purchaseOf("G1", "G2"));
  await clock.advance(secondMs - 1);
  notes.tried(purchaseOf("G2"));
  expect(said).toEqual([{ waiting: 12, unwrittenMs: 3_000, tries: triesOf(["G1", 1]) }]);
  await clock.advance(1);
  notes.tried(purchaseOf("G3"));
  expect(said[1]!.tries).toEqual(triesOf(["G2", 2], ["G1", 1], ["G3", 1]));
  await clock.advance(60 * secondMs);
  expect(said.length).toBe(2);
});

test("it tells of the most that were decided at a time since", async () => {
  const { clock, said, notes, waiting } = createWorld();
  waiting.push(3, 40, 7, 5, 6);
  for (let n = 0; n < 3; n++) notes.tried(purchaseOf("G1"));
  await clock.advance(secondMs);
  for (let n = 0; n < 2; n++) notes.tried(purchaseOf("G1"));
  await clock.advance(secondMs);
  notes.tried(purchaseOf("G1"));
  expect(said.map((load) => load.waiting)).toEqual([3, 40, 12]);
});

test("of many runs it tells of those that were tried most", async () => {
  const { said, notes, clock } = createWorld();
  notes.tried(purchaseOf("G0"));
  for (let n = 1; n <= 100; n++) for (let times = 0; times < n; times++) notes.tried(purchaseOf(`G${n}`));
  await clock.advance(secondMs);
  notes.tried(purchaseOf("G0"));
  const tries = Object.values(said.at(-1)!.tries);
  expect([tries.length, Math.min(...tries)]).toEqual([20, 81]);
});

test("without rules nothing is said, nor of seats that are owed to whom the waitlist or a lost coach gives them", () => {
  const off = createWorld(null);
  off.notes.tried(purchaseOf("G1"));
  expect(off.said).toEqual([]);
  const on = createWorld();
  on.notes.tried({ ...purchaseOf("G1"), granted: {} as never });
  on.notes.tried({ ...purchaseOf("G1"), byRailway: true });
  expect(on.said).toEqual([]);
});

test("nothing is said of trains that do not exist", () => {
  const { said, notes } = createWorld();
  notes.tried(purchaseOf("X1", "G1"));
  expect(said.map(({ tries }) => tries)).toEqual([triesOf(["G1", 1])]);
});

test("a purchase goes on where nobody can be told", async () => {
  const { notes, reports, goAway, clock } = createWorld();
  goAway();
  notes.tried(purchaseOf("G1"));
  await clock.advance(0);
  expect(reports.length).toBe(1);
});

/** Counts of changes that happen elsewhere: when they move, when they stand still, and when they are not to be relied on. */
import { expect, test } from "bun:test";
import type { ChangedRuns } from "@chepiao/contracts";
import { epochMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { coachesOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createRunWatch, askEveryMs, reliedOnMs, renewEveryMs } from "./runWatch.ts";

const [run, other] = [testRun(coachesOf(["second", 1]), 3, "G1"), testRun(coachesOf(["second", 1]), 3, "G2")];

async function createSubject() {
  const clock = createManualClock(epochMs(1_800_000_000_000));
  const asked: (string | null)[] = [];
  const changed = { told: [] as ChangedRuns["runIds"], away: false };
  const watch = createRunWatch({
    clock,
    async since(place) {
      asked.push(place);
      if (changed.away) throw new Error("away");
      const runIds = place === null ? [] : changed.told;
      changed.told = [];
      return { place: String(asked.length), runIds };
    },
  });
  const counts = [watch.changes(run), watch.changes(other)] as const;
  const readCounts = () => counts.map(({ count }) => count);
  const isSilent = () => counts[0].silent;
  expect(isSilent()).toBe(true);
  // The first look begins to listen.
  readCounts();
  await clock.advance(1);
  return { clock, asked, changed, readCounts, isSilent, watch };
}

test("a count stands still until something is told of its run", async () => {
  const { clock, changed, readCounts } = await createSubject();
  const [before, othersBefore] = readCounts();
  await clock.advance(askEveryMs);
  expect(readCounts()).toEqual([before!, othersBefore!]);
  changed.told = [run.runId];
  await clock.advance(askEveryMs);
  const [after, others] = readCounts();
  expect(after).not.toBe(before!);
  expect(others).toBe(othersBefore);
});

test("each question goes on where the last answer ended", async () => {
  const { clock, asked } = await createSubject();
  await clock.advance(2 * askEveryMs);
  expect(asked).toEqual([null, "1", "2"]);
});

test("before the first answer of the feed, and while none comes, the counts are silent; what was read meanwhile stays good", async () => {
  const { clock, changed, readCounts, isSilent } = await createSubject();
  expect(isSilent()).toBe(false);
  const [before, others] = readCounts();
  changed.away = true;
  await clock.advance(reliedOnMs + askEveryMs);
  expect(isSilent()).toBe(true);
  expect(readCounts()).toEqual([before!, others!]);
  Object.assign(changed, { away: false, told: [run.runId] });
  await clock.advance(askEveryMs);
  expect(isSilent()).toBe(false);
  expect(readCounts()[0]).not.toBe(before!);
  expect(readCounts()[1]).toBe(others);
});

test("where it is not known what happened, all counts have moved", async () => {
  const { clock, changed, readCounts } = await createSubject();
  const before = readCounts();
  changed.told = null;
  await clock.advance(askEveryMs);
  readCounts().forEach((count, n) => expect(count).not.toBe(before[n]!));
});

test("all counts move now and then, should a change have gone untold", async () => {
  const { clock, readCounts } = await createSubject();
  const before = readCounts();
  for (let passed = 0; passed <= renewEveryMs; passed += askEveryMs) {
    await clock.advance(askEveryMs);
    readCounts();
  }
  readCounts().forEach((count, n) => expect(count).not.toBe(before[n]!));
});

test("nobody is asked while nobody looks, or once it is over", async () => {
  const { clock, asked, readCounts, watch } = await createSubject();
  await clock.advance(10 * secondMs);
  const before = asked.length;
  await clock.advance(60 * secondMs);
  expect(asked.length).toBe(before);
  readCounts();
  await clock.advance(askEveryMs);
  expect(asked.length).toBeGreaterThan(before);
  watch[Symbol.dispose]();
  const atTheEnd = asked.length;
  readCounts();
  await clock.advance(2 * askEveryMs);
  expect(asked.length).toBeLessThanOrEqual(atTheEnd + 1);
});

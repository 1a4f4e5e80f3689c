/** Counts of changes that happen elsewhere: when they move, when they stand still, and when they are not to be relied on. */
import { expect, test } from "bun:test";
import type { ChangedRuns } from "@chepiao/contracts";
import { epochMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { coachesOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createRunWatch, lookEveryMs, reliedOnMs, renewEveryMs } from "./runWatch.ts";

const [run, other] = [testRun(coachesOf(["second", 1]), 3, "G1"), testRun(coachesOf(["second", 1]), 3, "G2")];

async function createSubject() {
  const clock = createManualClock(epochMs(1_800_000_000_000));
  const asked: (string | null)[] = [];
  const news = { told: [] as ChangedRuns["runIds"], away: false };
  const watch = createRunWatch({
    clock,
    async since(place) {
      asked.push(place);
      if (news.away) throw new Error("away");
      const runIds = place === null ? [] : news.told;
      news.told = [];
      return { place: String(asked.length), runIds };
    },
  });
  const counts = [watch.changes(run), watch.changes(other)] as const;
  const look = () => counts.map(({ count }) => count);
  const isSilent = () => counts[0].silent;
  expect(isSilent()).toBe(true);
  // The first look begins to listen.
  look();
  await clock.advance(1);
  return { clock, asked, news, look, isSilent, watch };
}

test("a count stands still until something is told of its run", async () => {
  const { clock, news, look } = await createSubject();
  const [before, othersBefore] = look();
  await clock.advance(lookEveryMs);
  expect(look()).toEqual([before!, othersBefore!]);
  news.told = [run.runId];
  await clock.advance(lookEveryMs);
  const [after, others] = look();
  expect(after).not.toBe(before!);
  expect(others).toBe(othersBefore);
});

test("each question goes on where the last answer ended", async () => {
  const { clock, asked } = await createSubject();
  await clock.advance(2 * lookEveryMs);
  expect(asked).toEqual([null, "1", "2"]);
});

test("before the first news, and while none come, the counts are silent; what was read meanwhile stays good", async () => {
  const { clock, news, look, isSilent } = await createSubject();
  expect(isSilent()).toBe(false);
  const [before, others] = look();
  news.away = true;
  await clock.advance(reliedOnMs + lookEveryMs);
  expect(isSilent()).toBe(true);
  expect(look()).toEqual([before!, others!]);
  Object.assign(news, { away: false, told: [run.runId] });
  await clock.advance(lookEveryMs);
  expect(isSilent()).toBe(false);
  expect(look()[0]).not.toBe(before!);
  expect(look()[1]).toBe(others);
});

test("where it is not known what happened, all counts have moved", async () => {
  const { clock, news, look } = await createSubject();
  const before = look();
  news.told = null;
  await clock.advance(lookEveryMs);
  look().forEach((count, n) => expect(count).not.toBe(before[n]!));
});

test("all counts move now and then, should a change have gone untold", async () => {
  const { clock, look } = await createSubject();
  const before = look();
  for (let passed = 0; passed <= renewEveryMs; passed += lookEveryMs) {
    await clock.advance(lookEveryMs);
    look();
  }
  look().forEach((count, n) => expect(count).not.toBe(before[n]!));
});

test("nobody is asked while nobody looks, or once it is over", async () => {
  const { clock, asked, look, watch } = await createSubject();
  await clock.advance(10 * secondMs);
  const before = asked.length;
  await clock.advance(60 * secondMs);
  expect(asked.length).toBe(before);
  look();
  await clock.advance(lookEveryMs);
  expect(asked.length).toBeGreaterThan(before);
  watch[Symbol.dispose]();
  const atTheEnd = asked.length;
  look();
  await clock.advance(2 * lookEveryMs);
  expect(asked.length).toBeLessThanOrEqual(atTheEnd + 1);
});

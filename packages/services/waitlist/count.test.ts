/** Runs are counted once, when they have left, and what is kept of them is bounded. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { addDays, dayMs, epochMs } from "@chepiao/kernel";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore, type WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { countedAfterDays, createCount, keptDays } from "./count.ts";
import { choiceOf, day, departure, entryOf } from "./testing.ts";

const expired = (over: Partial<WaitlistRecord> = {}) =>
  entryOf({
    state: "expired",
    place: departure - dayMs,
    endedAt: epochMs(departure - dayMs / 2),
    choices: [choiceOf(0, { endedBecause: "WaitlistTooLate", endedAt: epochMs(departure - dayMs / 2) })],
    ...over,
  });

function open() {
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  let now = departure;
  let reads = 0;
  const count = createCount({
    clock: { now: () => now },
    store: { ...store, named: (...asked) => (reads++, store.named(...asked)) },
  });
  const countAt = async (days: number) => {
    now = epochMs(departure + days * dayMs);
    await count();
  };
  return { store, countAt, reads: () => reads };
}

test("a run is counted once it has left, and not again", async () => {
  const { store, countAt, reads } = open();
  await store.add(expired(), 6);
  await countAt(countedAfterDays - 1);
  expect(await store.outcomes(null, 100)).toEqual([]);
  await countAt(countedAfterDays);
  expect((await store.outcomes(null, 100)).map((outcomes) => outcomes.runId)).toEqual([runId("G1", day)]);
  expect((await store.outcomes(null, 100))[0]!.waits[0]).toMatchObject({ waited: 1, served: 0 });
  expect(reads()).toBe(1);
  await countAt(countedAfterDays);
  expect(reads()).toBe(1);
});

test("a platform that was away counts what it still has releases of", async () => {
  const late = open();
  await late.store.add(expired(), 6);
  await late.countAt(keptDays - 1);
  expect(await late.store.outcomes(null, 100)).toHaveLength(1);
  const tooLate = open();
  await tooLate.store.add(expired(), 6);
  await tooLate.countAt(keptDays);
  expect(await tooLate.store.outcomes(null, 100)).toEqual([]);
});

test("of many runs of a day some are counted, and what is a year old is forgotten", async () => {
  const { store, countAt } = open();
  const trains = Array.from({ length: 60 }, (_, n) => `G${n}`);
  for (const [n, trainNumber] of trains.entries())
    await store.add(
      expired({
        idempotencyKey: `key ${n}`,
        choices: [choiceOf(0, { runId: runId(trainNumber, day), trainNumber, endedBecause: "WaitlistTooLate" })],
      }),
      6,
    );
  for (let pass = 0; pass < 2; pass++) await countAt(countedAfterDays);
  expect(await store.outcomesOn(day)).toBe(50);
  await store.addOutcomes({ runId: runId("G1", addDays(day, -390)), releases: [], waits: [] }, departure);
  await countAt(5);
  expect(await store.outcomes(null, 100)).toHaveLength(51);
  await countAt(20);
  expect(await store.outcomes(null, 100)).toHaveLength(50);
});

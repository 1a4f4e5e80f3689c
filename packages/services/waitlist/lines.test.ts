/** A line of a seat store that has lost it is set again from the entries. */
import { expect, test } from "bun:test";
import { runId, type RunId } from "@chepiao/contracts";
import { coachesOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { createMemoryWaitlistStore, type WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { repairLines } from "./lines.ts";
import { needsOf } from "./needs.ts";
import { choiceOf, day, later, now, waitingEntry } from "./testing.ts";

const run = { ...testRun(coachesOf(["second", 1]), 4, "G1"), originDate: day, runId: choiceOf(0).runId };
const timetable = () => ({ run: (trainNumber: string) => (trainNumber === "G1" ? run : null) }) as never;

test("a line that was lost is set again from the entries, each in its place, and who joined meanwhile stays", async () => {
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const seats = createMemorySeatStore();
  await seats.hold(
    Array.from({ length: 5 }, (_, n) => ({
      holdId: (n + 1) as never,
      line: 0,
      run,
      seatClass: "second" as const,
      fromStop: 0,
      toStop: 3,
      preferences: [null],
      deadline: later(60_000_000),
    })),
    now,
  );
  const entries: WaitlistRecord[] = [3, 1, 2].map((minute) =>
    waitingEntry({
      idempotencyKey: `key ${minute}`,
      place: later(minute),
      passengers: [waitingEntry().passengers[0]!],
      choices: [choiceOf(0)],
    }),
  );
  for (const entry of entries) await store.add(entry, 6);
  const late = waitingEntry({ idempotencyKey: "late", place: later(9), choices: [choiceOf(0)] });
  const inventory = {
    join: (needs: Parameters<typeof seats.waitlists.join>[0]) => seats.waitlists.join(needs, now),
    async setLine(...[of, needs, upTo]: readonly [never, never, number]) {
      // Prepaid between the read and the set.
      await store.add(late, 6);
      await seats.waitlists.set(of, needs, upTo, now);
    },
  };
  const added = async () => new Set<RunId>();
  const others = new Set([runId("G2", day)]);
  expect(await Array.fromAsync(repairLines({ store, timetable, inventory, added }, others))).toEqual([]);
  const counts = await Array.fromAsync(repairLines({ store, timetable, inventory, added }, null));
  expect(counts).toEqual([3]);
  const ahead = await Promise.all(
    [...entries, late].map((entry) => seats.waitlists.ahead(needsOf(entry, timetable())[0]!)),
  );
  expect(ahead).toEqual([2, 0, 1, 3]);
});

test("the line of a run that was added, and is opened while lines are set again, is set again as well", async () => {
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  await store.add(waitingEntry({ place: later(1), choices: [choiceOf(0)] }), 6);
  const set: RunId[] = [];
  const inventory = {
    join: async () => [],
    setLine: async ({ runId: id }: { readonly runId: RunId }) => void set.push(id),
  };
  const lookingAt = (...looks: (readonly RunId[])[]) => {
    const added = async () => new Set(looks.shift());
    return Array.fromAsync(repairLines({ store, timetable, inventory, added }, null));
  };
  expect([await lookingAt([run.runId], [run.runId]), set]).toEqual([[], []]);
  expect([await lookingAt([run.runId], []), set]).toEqual([[1], [run.runId]]);
});

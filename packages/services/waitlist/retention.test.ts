/** Entries that have ended are kept for so long, and what chances are estimated from outlives them. */
import { expect, test } from "bun:test";
import { dayMs, epochMs, waitlistEntriesKeptDaysMin } from "@chepiao/kernel";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { countedAfterDays, createCount } from "./count.ts";
import { createRetention, forgottenAtOnce } from "./retention.ts";
import { choiceOf, departure, entryOf, waitingEntry } from "./testing.ts";

const ended = epochMs(departure - dayMs);

test("entries are forgotten so many days after they ended, in bounded passes, and their runs were counted by then", async () => {
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const choices = [choiceOf(0, { endedBecause: "WaitlistTooLate", endedAt: ended })];
  const count = forgottenAtOnce + 1;
  for (let n = 0; n < count; n++)
    await store.add(
      entryOf({ state: "expired", place: ended, endedAt: ended, choices, idempotencyKey: `key ${n}` }),
      6,
    );
  await store.add(waitingEntry({ idempotencyKey: "still waits" }), 6);
  let now = ended;
  const clock = { now: () => now };
  const keptMs = waitlistEntriesKeptDaysMin * dayMs;
  const forget = createRetention({ clock, store, entriesKeptMs: keptMs });

  now = epochMs(departure + countedAfterDays * dayMs);
  await createCount({ clock, store })();
  now = epochMs(ended + keptMs);
  expect([await forget(), store.all().length]).toEqual([false, count + 1]);
  const counted = await store.outcomes(null, 10);
  expect(counted[0]!.waits.reduce((sum, { waited }) => sum + waited, 0)).toBeGreaterThan(0);
  now = epochMs(now + 1);
  expect([await forget(), store.all().length]).toEqual([true, 2]);
  expect([await forget(), store.all().map(({ state }) => state)]).toEqual([false, ["waiting"]]);
  expect([await forget(), await store.outcomes(null, 10)]).toEqual([false, counted]);
});

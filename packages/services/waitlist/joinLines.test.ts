/** Who has prepaid is in his lines, however often they could not be joined. */
import { expect, test } from "bun:test";
import { type Need, type Refusal, refusal, type RunId, type Timetable } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { createMemoryRunStateStore } from "@chepiao/ports/run-states";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { createChanges } from "./changes.ts";
import { createConsumers } from "./consume.ts";
import { askAgainMs, nextAtOf } from "./decide.ts";
import { createJobs } from "./jobs.ts";
import { createJoinLines } from "./lines.ts";
import { capturedFor, entryOf, later, now } from "./testing.ts";

const timetable = () =>
  ({
    run: (trainNumber, originDate) => ({ runId: `${trainNumber}/${originDate}`, train: { trainNumber }, originDate }),
  }) as Pick<Timetable, "run"> as Timetable;

async function createRoom() {
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const entry = entryOf();
  await store.add(entry, 6);
  const time = { now: later(60_000) };
  const clock = { now: () => time.now };
  const inventory = { says: refusal("Overloaded") as Refusal | null, joined: [] as Need[] };
  const reports: string[] = [];
  const report = (message: string) => void reports.push(message);
  const lines = {
    async join(needs: readonly Need[]) {
      if (inventory.says === null) inventory.joined.push(...needs);
      return needs.map(() => inventory.says);
    },
    leave: async () => {},
    serveLines: async () => {},
  };
  const added = new Set<RunId>();
  const trains = { added: () => ({ version: 1, runIds: added, since: now }) };
  const changes = createChanges({ clock, store, inventory: lines, kickOutbox() {}, report });
  const joinLines = createJoinLines({ clock, timetable, inventory: lines, trains, changes, report });
  const inside = { clock, timetable, store, inventory: lines, changes, joinLines, count() {}, report };
  const serve = { grant: async () => true, goOn: async () => true };
  const proved = async <T>(told: T) => told;
  const [payments] = createConsumers({ ...inside, serve, proved: proved, areLinesSet: () => true });
  const pay = () => payments!.handle([{ topic: "waitlist-pay-topic", key: "k", value: capturedFor(entry) }] as never);
  const jobs = createJobs({
    ...inside,
    entriesKeptMs: Infinity,
    runStates: createMemoryRunStateStore(),
    serve,
    added: { pass: async () => true },
  });
  return { added, time, inventory, reports, pay, jobs, entry: async () => (await store.load(entry.entryId))! };
}

test("I5: a line that could not be joined is joined as soon as it can be, and not when its time is over", async () => {
  const { time, inventory, reports, pay, jobs, entry } = await createRoom();
  await pay();
  expect(await entry()).toMatchObject({ state: "waiting", nextAt: epochMs(time.now + askAgainMs) });
  time.now = epochMs(time.now + askAgainMs);
  await jobs.time();
  expect(inventory.joined).toEqual([]);
  expect((await entry()).nextAt).toBe(epochMs(time.now + askAgainMs));
  inventory.says = null;
  time.now = epochMs(time.now + askAgainMs);
  await jobs.time();
  expect(inventory.joined.map(({ line }) => line)).toEqual([0, 1]);
  expect((await entry()).nextAt).toBe(nextAtOf(await entry(), time.now));
  await jobs.time();
  expect([inventory.joined.length, reports]).toEqual([2, []]);
});

test("a line that is closed for good is said once, and not asked for again", async () => {
  const { time, inventory, reports, pay, jobs, entry } = await createRoom();
  inventory.says = refusal("SaleClosed");
  await pay();
  time.now = epochMs(time.now + askAgainMs);
  await jobs.time();
  expect(reports.length).toBe(2);
  expect((await entry()).nextAt).toBe(nextAtOf(await entry(), time.now));
});

test("I5: nobody joins the line of a train that was just added by himself: it is set for all at once", async () => {
  const { added, time, inventory, pay, jobs, entry } = await createRoom();
  inventory.says = null;
  added.add((await entry()).choices[1]!.runId);
  await pay();
  expect(inventory.joined.map(({ line }) => line)).toEqual([0]);
  expect((await entry()).nextAt).toBe(epochMs(time.now + askAgainMs));
  // It is open now, and this entry was prepaid too late for those who were set.
  added.clear();
  time.now = epochMs(time.now + askAgainMs);
  await jobs.time();
  expect(inventory.joined.map(({ line }) => line)).toEqual([0, 0, 1]);
  expect((await entry()).nextAt).toBe(nextAtOf(await entry(), time.now));
});

/** What became of those who waited is counted once a run has left, before its releases are forgotten. */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { addDays, dateOfDayNumber, dayMs, epochMs, type ServiceDate, waitlistReleasesPerRunMax } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import { outcomesOf } from "./chance/outcomes.ts";

export type CountDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<
    WaitlistStore,
    "addOutcomes" | "forgetOutcomes" | "named" | "outcomesOn" | "releases" | "uncounted"
  >;
};

/** No run is under way for longer: all that waited for it has ended. */
export const countedAfterDays = 4;
/** Releases are kept for as long after the day on which a run began. */
export const keptDays = 7;
/** A year, and its holidays once more. */
const outcomesKeptDays = 400;
/** As many as are read at once, some ten kilobytes each; the oldest go first. */
const outcomesMax = 1_000;
/** Of many runs of one day so many say what the day was like. */
const outcomesPerDayMax = 50;
/** Those who came first: who is before them is among them. */
const entriesMax = 5_000;

export function createCount({ clock, store }: CountDeps) {
  async function count(runId: RunId) {
    const entries = await store.named(runId, entriesMax);
    const releases = await store.releases([{ runId }], epochMs(0), waitlistReleasesPerRunMax);
    await store.addOutcomes(outcomesOf(runId, entries, releases), clock.now());
  }

  async function countDay(date: ServiceDate) {
    const uncounted = [...(await store.uncounted(date))].sort(byChance);
    if (uncounted.length === 0) return;
    const more = outcomesPerDayMax - (await store.outcomesOn(date));
    for (const runId of uncounted.slice(0, Math.max(0, more))) await count(runId);
  }

  return async () => {
    const today = dateOfDayNumber(Math.floor(clock.now() / dayMs));
    for (let ago = keptDays - 1; ago >= countedAfterDays; ago--) await countDay(addDays(today, -ago));
    await store.forgetOutcomes(addDays(today, -outcomesKeptDays), outcomesMax);
  };
}

/** The same order each time, in which no train is always first. */
const byChance = (a: RunId, b: RunId) => mixed(a) - mixed(b);
function mixed(runId: RunId): number {
  let hash = 0;
  for (const letter of trainAndDateOf(runId).join("/")) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
}

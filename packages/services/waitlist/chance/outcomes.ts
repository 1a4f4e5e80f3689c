/**
 * What became of those who waited for a run, counted from its entries and releases once it has left. Pure, and small enough to be kept for as
 * many runs as chances are estimated from.
 */
import type { RunId, SeatClass } from "@chepiao/contracts";
import { type EpochMs, epochMs, hourMs } from "@chepiao/kernel";
import type {
  ReleaseCounts,
  WaitCount,
  WaitlistChoice,
  WaitlistOutcomes,
  WaitlistRecord,
  WaitlistRelease,
} from "@chepiao/ports/waitlist-store";
import { decideByOf } from "../decide.ts";
import {
  edgeNear,
  hoursBefore,
  hoursWithin,
  isNew,
  partyOf,
  spanCount,
  spanHours,
  spanOf,
  wayLengthOf,
} from "./spans.ts";

/** So many entries of a run are looked at, evenly from the first to the last. */
const sampledMax = 100;
/** So many different ways and parties, those of the first entries. */
const wantsMax = 100;
/** A row of a run stays small. */
const countsMax = 300;

type Waited = {
  readonly entry: WaitlistRecord;
  readonly choice: WaitlistChoice;
  readonly place: number;
  /** It has waited for the train since then: an added one joins an entry that has its place already. */
  readonly since: number;
  readonly endedAt: number;
};

export function outcomesOf(
  runId: RunId,
  entries: readonly WaitlistRecord[],
  releases: readonly WaitlistRelease[],
): WaitlistOutcomes {
  const waited = entries.flatMap((entry) => waitedFor(runId, entry)).sort((a, b) => a.place - b.place);
  return { runId, releases: releaseCounts(waited, releases), waits: waitCounts(waited) };
}

function waitedFor(runId: RunId, entry: WaitlistRecord): Waited[] {
  const choice = entry.choices.find((each) => each.runId === runId);
  if (!choice || entry.place === null || choice.endedBecause === "WaitlistDearer") return [];
  const since = Math.max(entry.place, choice.addedAt ?? 0);
  return [{ entry, choice, place: entry.place, since, endedAt: choice.endedAt ?? entry.endedAt ?? Infinity }];
}

// Those who waited -------------------------------------------------------------------------------------------------------

/** Each as it joined, and again as the edge of each span found it waiting: it is asked about its chance at any time. */
function waitCounts(waited: readonly Waited[]): WaitCount[] {
  const counts = new Map<string, WaitCount>();
  const step = Math.max(1, waited.length / sampledMax);
  for (let next = 0; next < waited.length; next += step) {
    const one = waited[Math.floor(next)]!;
    const isServed = servedOf(one);
    if (isServed === null) continue;
    for (const [at, from] of momentsOf(one)) count(counts, like(one, at, from, aheadOf(waited, one, at)), isServed);
  }
  return [...counts.values()].slice(0, countsMax);
}

/** Null of who left before it was decided: of his own, or because another of his trains or a conflict ended this one. */
function servedOf({ entry, choice }: Waited): boolean | null {
  if (entry.state === "served" && entry.granted?.choice === choice.choice) return true;
  const isDecided = choice.endedBecause === "WaitlistTooLate" || (entry.state === "expired" && !choice.endedBecause);
  return isDecided ? false : null;
}

function momentsOf({ entry, choice, since, endedAt }: Waited): (readonly [number, number])[] {
  const { departAt } = choice;
  const until = hoursBefore(departAt, decideByOf(choice, entry));
  const joined = hoursBefore(departAt, epochMs(since));
  const edges = spanHours.flatMap((hours, edge) => {
    const at = departAt - hours * hourMs;
    return hours < joined && hours > until && at < endedAt ? [[at, edge] as const] : [];
  });
  return [[since, edgeNear(joined)], ...edges];
}

/** As the seat store answers it. */
function aheadOf(waited: readonly Waited[], { choice, place }: Waited, at: number): number {
  let ahead = 0;
  for (const other of waited) {
    if (other.place >= place) break;
    if (other.endedAt > at && mayCompete(other.choice, choice)) ahead++;
  }
  return ahead;
}

const mayCompete = (a: WaitlistChoice, b: WaitlistChoice): boolean =>
  a.fromStop < b.toStop &&
  b.fromStop < a.toStop &&
  a.seatClasses.some((seatClass) => b.seatClasses.includes(seatClass));

const like = ({ entry, choice, since }: Waited, at: number, from: number, ahead: number) => ({
  seatClasses: choice.seatClasses,
  wayLength: wayLengthOf(choice),
  partySize: partyOf(entry.passengers.length),
  isNew: isNew(since, at, decideByOf(choice, entry)),
  from,
  until: edgeNear(hoursBefore(choice.departAt, decideByOf(choice, entry))),
  ahead: rounded(ahead),
});

/** Ten more matter where few are before it. */
function rounded(ahead: number): number {
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, ahead))) - 2);
  return Math.round(ahead / unit) * unit;
}

function count(counts: Map<string, WaitCount>, alike: ReturnType<typeof like>, isServed: boolean): void {
  const name = JSON.stringify(alike);
  const { waited, served } = counts.get(name) ?? { waited: 0, served: 0 };
  counts.set(name, { ...alike, waited: waited + 1, served: served + (isServed ? 1 : 0) });
}

// What came back ---------------------------------------------------------------------------------------------------------

type Want = {
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly partySize: number;
  readonly departAt: EpochMs;
};

function releaseCounts(waited: readonly Waited[], releases: readonly WaitlistRelease[]): ReleaseCounts[] {
  const watched = watchedTimes(waited);
  const counts = new Map<string, ReleaseCounts & { useful: number[]; watchedHours: number[] }>();
  for (const want of wantsOf(waited)) {
    const alike = { seatClass: want.seatClass, wayLength: wayLengthOf(want), partySize: partyOf(want.partySize) };
    const name = JSON.stringify(alike);
    if (!counts.has(name)) counts.set(name, { ...alike, useful: zeros(), watchedHours: zeros() });
    const { useful, watchedHours } = counts.get(name)!;
    for (const { at, seatCount, ...release } of releases) {
      const covers = release.fromStop <= want.fromStop && release.toStop >= want.toStop;
      if (!covers || release.seatClass !== want.seatClass || at >= want.departAt) continue;
      useful[spanOf(hoursBefore(want.departAt, at))]! += Math.floor(seatCount / want.partySize);
    }
    for (const [from, until] of watched)
      for (let span = 0; span < spanCount; span++)
        watchedHours[span]! += hoursWithin(
          span,
          hoursBefore(want.departAt, epochMs(from)),
          hoursBefore(want.departAt, epochMs(until)),
        );
  }
  return [...counts.values()].map((each) => ({ ...each, watchedHours: each.watchedHours.map(toMinutes) }));
}

const zeros = () => Array.from({ length: spanCount }, () => 0);
const toMinutes = (hours: number) => Math.round(hours * 60) / 60;

function wantsOf(waited: readonly Waited[]): Want[] {
  const wants = new Map<string, Want>();
  for (const { entry, choice } of waited)
    for (const seatClass of choice.seatClasses) {
      const { fromStop, toStop, departAt } = choice;
      const partySize = entry.passengers.length;
      const name = [seatClass, fromStop, toStop, partySize].join(" ");
      if (wants.size < wantsMax) wants.set(name, { seatClass, fromStop, toStop, partySize, departAt });
    }
  return [...wants.values()];
}

/** Releases are told of while anybody waits. */
function watchedTimes(waited: readonly Waited[]): [from: number, until: number][] {
  const times: [number, number][] = [];
  for (const { since, endedAt } of waited.toSorted((a, b) => a.since - b.since)) {
    const last = times.at(-1);
    if (last && since <= last[1]) last[1] = Math.max(last[1], endedAt);
    else times.push([since, endedAt]);
  }
  return times;
}

/** Entries in a map. Nothing waits between a look and a change, so every method is a transaction by itself. */
import { trainAndDateOf, type RunId } from "@chepiao/contracts";
import { type EpochMs, type OrderId, waitlistReleasesPerRunMax } from "@chepiao/kernel";
import type { MemoryOutbox } from "@chepiao/ports/outbox";
import {
  isPending,
  mayServe,
  type ReleasesAsked,
  type WaitlistOutcomes,
  type WaitlistRecord,
  type WaitlistRelease,
  type WaitlistStore,
} from "./waitlistStore.ts";

export type MemoryWaitlistStore = WaitlistStore & {
  /** For audits. */
  all(): readonly WaitlistRecord[];
};

export function createMemoryWaitlistStore(outbox: MemoryOutbox): MemoryWaitlistStore {
  const entries = new Map<OrderId, WaitlistRecord>();
  const releases = new Map<RunId, WaitlistRelease[]>();
  const outcomes = new Map<RunId, WaitlistOutcomes>();
  const stopped = new Set<RunId>();
  const all = () => [...entries.values()];
  const waitsOn = (entry: WaitlistRecord, runId: RunId) =>
    entry.choices.some((choice) => choice.runId === runId && mayServe(entry, choice));
  const inLineOf = (runId: RunId) =>
    all()
      .filter((entry) => waitsOn(entry, runId))
      .sort((a, b) => a.place! - b.place! || a.entryId - b.entryId);

  return {
    all,
    async add(entry, pendingMax) {
      const own = all().filter(({ userId }) => userId === entry.userId);
      const known = own.find(({ idempotencyKey }) => idempotencyKey === entry.idempotencyKey);
      if (known) return { kind: "known", entry: known };
      if (own.filter(isPending).length >= pendingMax) return { kind: "full" };
      entries.set(entry.entryId, entry);
      return { kind: "added" };
    },
    highestId: async () => Math.max(0, ...entries.keys()),
    load: async (entryId) => entries.get(entryId) ?? null,
    ofKey: async (userId, key) =>
      all().find((entry) => entry.userId === userId && entry.idempotencyKey === key) ?? null,
    async change({ entry, messages }, now) {
      if (entries.get(entry.entryId)?.version !== entry.version) return false;
      entries.set(entry.entryId, { ...entry, version: entry.version + 1 });
      outbox.put(messages, now);
      return true;
    },
    enqueue: async (messages, now) => outbox.put(messages, now),
    ofUser: async (userId, { before = Infinity, limit }) =>
      all()
        .filter((entry) => entry.userId === userId && entry.entryId < before)
        .sort((a, b) => b.entryId - a.entryId)
        .slice(0, limit),
    hasPending: async (userId) => all().some((entry) => entry.userId === userId && isPending(entry)),
    hasPrepaid: async (userId) => all().some((entry) => entry.userId === userId && entry.captured !== null),
    due: async (now, limit) =>
      all()
        .filter(({ nextAt }) => nextAt !== null && nextAt <= now)
        .sort((a, b) => a.nextAt! - b.nextAt!)
        .slice(0, limit),
    loadAll: async (entryIds) => entryIds.flatMap((entryId) => entries.get(entryId) ?? []),
    ofRun: async (runId) => inLineOf(runId),
    idsOfRun: async (runId) => inLineOf(runId).map(({ entryId }) => entryId),
    acceptingAdded: async (since, after, limit) =>
      all()
        .filter((entry) => isPending(entry) && (entry.addedTrains?.dates ?? []).some((date) => date >= since))
        .filter(({ entryId }) => after === null || entryId > after)
        .sort((a, b) => a.entryId - b.entryId)
        .slice(0, limit),
    async waitedFor() {
      const choices = all().flatMap((entry) => entry.choices.filter((choice) => mayServe(entry, choice)));
      return new Map([...Map.groupBy(choices, ({ runId }) => runId)].map(([runId, { length }]) => [runId, length]));
    },
    async addReleases(added) {
      for (const release of added) {
        const ofRun = releases.get(release.runId) ?? [];
        releases.set(release.runId, ofRun);
        if (ofRun.some((known) => nameOf(known) === nameOf(release))) continue;
        ofRun.push(release);
        ofRun.sort(newestFirst);
        ofRun.splice(waitlistReleasesPerRunMax);
      }
    },
    releases: async (asked, since, limit) =>
      asked
        .flatMap((each) => (releases.get(each.runId) ?? []).filter((release) => isAsked(each, release, since)))
        .sort(newestFirst)
        .slice(0, limit),
    async setStopped(runId, isStopped) {
      if (isStopped) stopped.add(runId);
      else stopped.delete(runId);
    },
    stopped: async (runIds) => new Set(runIds.filter((runId) => stopped.has(runId))),
    named: async (runId, limit) =>
      all()
        .filter(({ choices }) => choices.some((choice) => choice.runId === runId))
        .sort((a, b) => a.createdAt - b.createdAt || a.entryId - b.entryId)
        .slice(0, limit),
    uncounted: async (originDate) =>
      new Set(
        all()
          .flatMap(({ choices }) => choices)
          .filter((choice) => choice.originDate === originDate && !outcomes.has(choice.runId))
          .map(({ runId }) => runId),
      ),
    async addOutcomes(added) {
      if (!outcomes.has(added.runId)) outcomes.set(added.runId, added);
    },
    outcomes: async (after, limit) =>
      [...outcomes.values()]
        .filter(({ runId }) => after === null || runId > after)
        .sort((a, b) => (a.runId < b.runId ? -1 : 1))
        .slice(0, limit),
    outcomesOn: async (originDate) => [...outcomes.keys()].filter((runId) => dateOf(runId) === originDate).length,
    async forgetOutcomes(before, keptMax) {
      const lastFirst = [...outcomes.keys()].sort((a, b) => (dateOf(a) < dateOf(b) ? 1 : -1));
      const gone = lastFirst.filter((runId, n) => n >= keptMax || dateOf(runId) < before);
      for (const runId of gone) outcomes.delete(runId);
      return gone.length;
    },
    async forgetEnded(before, limit) {
      const past = all().filter(({ endedAt }) => endedAt !== null && endedAt < before);
      for (const { entryId } of past.slice(0, limit)) entries.delete(entryId);
      return Math.min(past.length, limit);
    },
    async forgetRuns(before, limit) {
      const past = [...new Set([...releases.keys(), ...stopped])]
        .filter((runId) => dateOf(runId) < before)
        .slice(0, limit);
      for (const runId of past) {
        releases.delete(runId);
        stopped.delete(runId);
      }
      return past.length;
    },
  };
}

const dateOf = (runId: RunId) => trainAndDateOf(runId)[1];
const isAsked = ({ use, until }: ReleasesAsked, release: WaitlistRelease, since: EpochMs) =>
  release.at >= since &&
  release.at <= (until ?? release.at) &&
  (!use ||
    (use.seatClasses.includes(release.seatClass) && release.fromStop < use.toStop && release.toStop > use.fromStop));
const newestFirst = (a: WaitlistRelease, b: WaitlistRelease) => b.at - a.at;
const nameOf = ({ at, seatClass, fromStop, toStop, firstSeat }: WaitlistRelease) =>
  [at, seatClass, fromStop, toStop, firstSeat].join(" ");

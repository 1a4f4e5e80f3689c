/** A timetable in memory: the newest, replaced as a whole. */
import type { ServiceDate } from "@chepiao/kernel";
import { takeOver } from "./take-over.ts";
import type { NamedTimetable, NamedTrain, TimetableStore } from "./timetable-store.ts";

export function createMemoryTimetableStore(): TimetableStore {
  let current: NamedTimetable | null = null;
  const validFrom = (from: ServiceDate): readonly NamedTrain[] =>
    current?.trains.filter((train) => train.days.validUntil >= from) ?? [];
  return {
    version: async () => current?.version ?? 0,
    load: async (from) =>
      current && { ...current, trains: validFrom(from).map(({ trips: _trips, ...train }) => train) },
    tripsOf: async (from) =>
      new Map(validFrom(from).flatMap(({ trainVersionId, trips }) => (trips ? [[trainVersionId, trips]] : []))),
    async replace(next, { soldRuns, progress, onSale, isTrial = false }) {
      const { timetable, conflicts, addedCount } = takeOver(current, next, await soldRuns(), onSale);
      if (!isTrial) {
        current = timetable;
        progress?.(1);
      }
      return { version: timetable.version, trainCount: timetable.trains.length, conflicts, addedCount };
    },
    added: async (version) => (current?.version === version ? (current.added ?? []) : null),
    async openAdded(version, runIds) {
      if (current?.version !== version) return false;
      const { added = [], ...rest } = current;
      const closed = added.filter((runId) => !runIds.has(runId));
      current = closed.length > 0 ? { ...rest, added: closed } : rest;
      return true;
    },
  };
}

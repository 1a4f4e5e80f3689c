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
    async replace(next, { soldRuns, progress, isTrial = false }) {
      const { timetable, conflicts } = takeOver(current, next, await soldRuns());
      if (!isTrial) {
        current = timetable;
        progress?.(1);
      }
      return { version: timetable.version, trainCount: timetable.trains.length, conflicts };
    },
  };
}

import { takeOver } from "./take-over.ts";
import type { StoredTimetable, TimetableStore } from "./timetable-store.ts";

export function createMemoryTimetableStore(): TimetableStore {
  let current: StoredTimetable | null = null;
  return {
    version: async () => current?.version ?? 0,
    load: async (from) =>
      current && { ...current, trains: current.trains.filter((train) => train.days.validUntil >= from) },
    async replace(next, { soldRuns, progress }) {
      const { timetable, conflicts } = takeOver(current, next, await soldRuns());
      current = timetable;
      progress?.(1);
      return { version: timetable.version, trainCount: timetable.trains.length, conflicts };
    },
  };
}

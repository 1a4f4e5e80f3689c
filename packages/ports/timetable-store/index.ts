/** Timetables as they are stored, and how a newer one takes over. */
import { port } from "@chepiao/ports/port";
import type { TimetableStore } from "./timetable-store.ts";

export { daysOf, everyDay, runsOnDate, type ServiceDays, serviceDaysOf, serviceSpan } from "./service-days.ts";
export { takeOver } from "./take-over.ts";
export { createMemoryTimetableStore } from "./timetable-store.memory.ts";
export type {
  Conflict,
  ConflictReason,
  FareOverride,
  FeedTrip,
  NamedTimetable,
  NamedTrain,
  PlannedStop,
  OriginDates,
  Replaced,
  ReplaceOptions,
  StoredStation,
  StoredTimetable,
  StoredTrain,
  TimetableImport,
  TimetableStore,
  TrainPlan,
} from "./timetable-store.ts";

export const timetableStorePort = port<TimetableStore>("timetable");

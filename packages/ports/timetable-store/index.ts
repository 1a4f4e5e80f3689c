export {
  daysOf,
  everyDay,
  runsOnDate,
  type ServiceDays,
  serviceDaysOf,
  serviceSpan,
  weekdayOf,
} from "./service-days.ts";
export { takeOver } from "./take-over.ts";
export { createMemoryTimetableStore } from "./timetable-store.memory.ts";
export type {
  Conflict,
  ConflictReason,
  FareOverride,
  PlannedStop,
  Replaced,
  ReplaceOptions,
  StoredTimetable,
  StoredTrain,
  TimetableImport,
  TimetableStore,
  TrainPlan,
} from "./timetable-store.ts";

import { createMemoryTimetableStore } from "./index.ts";
import { timetableStoreSuite } from "./timetable-store.suite.ts";

timetableStoreSuite("memory", createMemoryTimetableStore);

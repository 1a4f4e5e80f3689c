/** The memory store keeps the rules of the port. */
import { createMemoryTimetableStore } from "./index.ts";
import { timetableStoreSuite } from "./timetable-store.suite.ts";

timetableStoreSuite("memory", createMemoryTimetableStore);

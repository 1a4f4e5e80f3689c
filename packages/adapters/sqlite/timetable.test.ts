/** The SQL store on SQLite keeps the rules of the port. */
import { createSqlTimetableStore } from "@chepiao/adapters/sql";
import { timetableStoreSuite } from "@chepiao/ports/timetable-store/timetable-store.suite.ts";
import { openSqlite } from "./index.ts";

timetableStoreSuite("SQLite", async () => createSqlTimetableStore((await openSqlite(":memory:")).sql));

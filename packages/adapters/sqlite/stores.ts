/** Every store of the platform on one SQLite connection. */
import {
  createSqlOrderStore,
  createSqlOutbox,
  createSqlPaymentStore,
  createSqlSessionStore,
  createSqlTimetableStore,
  createSqlUserStore,
  type Stores,
} from "@chepiao/adapters/sql";
import type { SqliteDatabase } from "./database.ts";
import { createOrderScans } from "./orderScans.ts";
import { createOrderWriter } from "./orderWriter.ts";
import { createPastRuns } from "./pastRuns.ts";

export const createStores = (database: SqliteDatabase): Stores => ({
  orders: createSqlOrderStore(database.sql, {
    accept: createOrderWriter(database),
    forgetRuns: createPastRuns(database),
    ...createOrderScans(database),
  }),
  outbox: createSqlOutbox(database.sql),
  payments: createSqlPaymentStore(database.sql),
  sessions: createSqlSessionStore(database.sql),
  timetable: createSqlTimetableStore(database.sql),
  users: createSqlUserStore(database.sql),
});

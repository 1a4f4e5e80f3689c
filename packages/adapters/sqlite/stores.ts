/** Every store of the platform on one SQLite connection. */
import {
  createSqlOrderStore,
  createSqlOutbox,
  createSqlPaymentStore,
  createSqlSessionStore,
  createSqlTimetableStore,
  createSqlUserStore,
} from "@chepiao/adapters/sql";
import type { OrderStore } from "@chepiao/ports/order-store";
import type { Outbox } from "@chepiao/ports/outbox";
import type { PaymentStore } from "@chepiao/ports/payment-store";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { SqliteDatabase } from "./database.ts";
import { createOrderScans } from "./orderScans.ts";
import { createOrderWriter } from "./orderWriter.ts";

export type Stores = {
  readonly orders: OrderStore;
  readonly outbox: Outbox;
  readonly payments: PaymentStore;
  readonly sessions: SessionStore;
  readonly timetable: TimetableStore;
  readonly users: UserStore;
};

export const createStores = (database: SqliteDatabase): Stores => ({
  orders: { ...createSqlOrderStore(database.sql, createOrderWriter(database)), ...createOrderScans(database) },
  outbox: createSqlOutbox(database.sql),
  payments: createSqlPaymentStore(database.sql),
  sessions: createSqlSessionStore(database.sql),
  timetable: createSqlTimetableStore(database.sql),
  users: createSqlUserStore(database.sql),
});

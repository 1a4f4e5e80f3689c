/** Column types of every table, by area. Rows are what SQL sees: numbers, text and null; words are stored by their code. */
import type { OrderTables } from "./orders.tables.ts";
import type { OutboxTables } from "./outbox.tables.ts";
import type { PaymentTables } from "./payments.tables.ts";
import type { ProjectionTables } from "./projections.tables.ts";
import type { SessionTables } from "./sessions.tables.ts";
import type { TimetableTables } from "./timetable.tables.ts";
import type { UserTables } from "./users.tables.ts";

export type Tables = OrderTables &
  OutboxTables &
  PaymentTables &
  ProjectionTables &
  SessionTables &
  TimetableTables &
  UserTables;

/** Column types of every table, by area. Rows are what SQL sees: numbers, text and null; words are stored by their code. */
import type { AccountTables } from "./accounts.tables.ts";
import type { AuditTrailTables } from "./auditTrail.tables.ts";
import type { DeliveryTables } from "./deliveries.tables.ts";
import type { GateTables } from "./gates.tables.ts";
import type { GatewayRulesTables } from "./gatewayRules.tables.ts";
import type { LeaseTables } from "./leases.tables.ts";
import type { NotificationTables } from "./notifications.tables.ts";
import type { OrderTables } from "./orders.tables.ts";
import type { OutboxTables } from "./outbox.tables.ts";
import type { PaymentTables } from "./payments.tables.ts";
import type { PolicyTables } from "./policies.tables.ts";
import type { ProjectionTables } from "./projections.tables.ts";
import type { QueueTables } from "./queues.tables.ts";
import type { QuotaTables } from "./quotas.tables.ts";
import type { ReconciliationTables } from "./reconciliation.tables.ts";
import type { RiskTables } from "./risk.tables.ts";
import type { RunStateTables } from "./runStates.tables.ts";
import type { SessionTables } from "./sessions.tables.ts";
import type { TimetableTables } from "./timetable.tables.ts";
import type { UserTables } from "./users.tables.ts";
import type { WaitlistTables } from "./waitlist.tables.ts";
import type { WithdrawnCoachTables } from "./withdrawnCoaches.tables.ts";

export type Tables = AccountTables &
  AuditTrailTables &
  DeliveryTables &
  GateTables &
  GatewayRulesTables &
  LeaseTables &
  NotificationTables &
  OrderTables &
  OutboxTables &
  PaymentTables &
  PolicyTables &
  ProjectionTables &
  QueueTables &
  QuotaTables &
  ReconciliationTables &
  RiskTables &
  RunStateTables &
  SessionTables &
  TimetableTables &
  UserTables &
  WaitlistTables &
  WithdrawnCoachTables;

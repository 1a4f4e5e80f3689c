/** What SQLite and MySQL have in common: tables, migrations, rows, and the stores that are alike on both. */
export { againIfUndone, inserted, isDuplicateKey, lostBeforeCommit } from "./errors.ts";
export { migrate } from "./migrate.ts";
export { migrations } from "./migrations/index.ts";
export { noteRunRefundFailed, runRefundsOf } from "./runRefunds.ts";
export { forgetMistakes, mistakesOf } from "./mistakeRefunds.ts";
export {
  bothOrNone,
  changeOrder,
  createSqlOrderStore,
  eraseTravellers,
  holdersOf,
  linesOf,
  orderReads,
} from "./orders.ts";
export {
  type DetailRow,
  detailRow,
  isReplacedRow,
  isTorn,
  type LineRow,
  lineRows,
  type OrderRow,
  orderRow,
  readsMax,
  recordOf,
  stateCode,
  standingsOf,
  studentRow,
  studentTripOf,
  tripOf,
  tripRows,
} from "./orders.rows.ts";
export { createSqlDeliveries } from "./deliveries.ts";
export { createSqlLeases } from "./leases.ts";
export { createSqlNotificationStore } from "./notifications.ts";
export { createSqlOneTimeCodes } from "./oneTimeCodes.ts";
export { createSqlOperationsCounts } from "./operationsCounts.ts";
export { createSqlOutbox, failingMessage, insertMessages, messageRecord, messageRows, waiting } from "./outbox.ts";
export { createSqlPaymentStore, type OwnTrade } from "./payments.ts";
export { createSqlPolicyStore } from "./policies.ts";
export { createGroupCommit } from "./groupCommit.ts";
export { createSqlGateStore } from "./gates.ts";
export { createSqlGatewayStore } from "./gatewayRules.ts";
export { createSqlQueueStore } from "./queues.ts";
export { createSqlQuotaStore } from "./quotas.ts";
export { createSqlAuditTrail } from "./auditTrail.ts";
export { createSqlReconciliationStore } from "./reconciliation.ts";
export { createSqlRiskStore } from "./risk.ts";
export { createSqlRunStateStore } from "./runStates.ts";
export { seatMask } from "./seatMask.ts";
export { createSqlSecurityEvents } from "./securityEvents.ts";
export { createSqlSentMessages } from "./sentMessages.ts";
export { createSqlSessionStore, insertSessions } from "./sessions.ts";
export { type Everywhere, shardedTables, type ShardedTable, shardingColumn, wholeTables } from "./sharding.ts";
export { lockingOrder, slotOfText } from "./slots.ts";
export type { Stores } from "./stores.ts";
export type { Tables } from "./tables.ts";
export { createSqlTimetableStore } from "./timetable.ts";
export { createSqlUserStore, insertAccounts } from "./users.ts";
export { createSqlWaitlistStore } from "./waitlist.ts";
export { createSqlWithdrawnCoachStore } from "./withdrawnCoaches.ts";

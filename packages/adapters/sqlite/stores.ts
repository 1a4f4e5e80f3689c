/** Every store of the platform on one SQLite connection. */
import {
  createSqlDeliveries,
  createSqlGatewayStore,
  createSqlGateStore,
  createSqlLeases,
  createSqlNotificationStore,
  createSqlOneTimeCodes,
  createSqlOrderStore,
  createSqlOutbox,
  createSqlPaymentStore,
  createSqlPolicyStore,
  createSqlQueueStore,
  createSqlQuotaStore,
  createSqlReconciliationStore,
  createSqlRiskStore,
  createSqlRunStateStore,
  createSqlSecurityEvents,
  createSqlSentMessages,
  createSqlSessionStore,
  createSqlTimetableStore,
  createSqlUserStore,
  createSqlWaitlistStore,
  createSqlWithdrawnCoachStore,
  type Stores,
} from "@chepiao/adapters/sql";
import type { SqliteDatabase } from "./database.ts";
import { createOrderScans } from "./orderScans.ts";
import { createOrderWriter } from "./orderWriter.ts";
import { createPastRuns } from "./pastRuns.ts";

export const createStores = (database: SqliteDatabase): Stores => ({
  codes: createSqlOneTimeCodes(database.sql),
  deliveries: createSqlDeliveries(database.sql),
  gates: createSqlGateStore(database.sql),
  gatewayRules: createSqlGatewayStore(database.sql),
  leases: createSqlLeases(database.sql),
  notifications: createSqlNotificationStore(database.sql),
  orders: createSqlOrderStore(database.sql, {
    accept: createOrderWriter(database),
    forgetRuns: createPastRuns(database),
    ...createOrderScans(database),
  }),
  outbox: createSqlOutbox(database.sql),
  payments: createSqlPaymentStore(database.sql),
  policies: createSqlPolicyStore(database.sql),
  queues: createSqlQueueStore(database.sql),
  quotas: createSqlQuotaStore(database.sql),
  reconciliation: createSqlReconciliationStore(database.sql),
  risk: createSqlRiskStore(database.sql),
  runStates: createSqlRunStateStore(database.sql),
  securityEvents: createSqlSecurityEvents(database.sql),
  sentMessages: createSqlSentMessages(database.sql),
  sessions: createSqlSessionStore(database.sql),
  timetable: createSqlTimetableStore(database.sql),
  users: createSqlUserStore(database.sql),
  waitlist: createSqlWaitlistStore(database.sql),
  withdrawnCoaches: createSqlWithdrawnCoachStore(database.sql),
});

/** Every store of the platform on one logical MySQL, for any number of processes at once. */
import { randomUUID } from "node:crypto";
import {
  createSqlDeliveries,
  createSqlGatewayStore,
  createSqlGateStore,
  createSqlLeases,
  createSqlNotificationStore,
  createSqlOneTimeCodes,
  createSqlOperationsCounts,
  createSqlPaymentStore,
  createSqlPolicyStore,
  createSqlQueueStore,
  createSqlQuotaStore,
  createSqlAuditTrail,
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
  type Everywhere,
  type Stores,
  type Tables,
} from "@chepiao/adapters/sql";
import { epochMs, repeating, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { MysqlDatabase } from "./database.ts";
import { createDocumentTrips } from "./documentTrips.ts";
import { createMysqlOrderStore } from "./orders.ts";
import { createMysqlOutbox } from "./outbox.ts";
import { createSeatLedger, type SeatLedger } from "./seatLedger.ts";
import { createTradeOwners } from "./trades.ts";
import { transactionsOn } from "./transaction.ts";

export type MysqlStores = Stores & AsyncDisposable;

export type MysqlStoresDeps = {
  readonly database: MysqlDatabase;
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
};

export function createMysqlStores({ database, clock, report }: MysqlStoresDeps): MysqlStores {
  const { sql } = database;
  const everywhere: Everywhere = transactionsOn<Tables>(sql);
  const ledger = createSeatLedger(sql);
  const stop = finishReleases(ledger, clock, report);
  return {
    codes: createSqlOneTimeCodes(sql, everywhere),
    deliveries: createSqlDeliveries(sql, everywhere),
    gates: createSqlGateStore(sql, everywhere),
    gatewayRules: createSqlGatewayStore(sql),
    leases: createSqlLeases(sql),
    notifications: createSqlNotificationStore(sql, everywhere),
    operationsCounts: createSqlOperationsCounts(sql, { everywhere, hasAllOrders: false }),
    orders: createMysqlOrderStore({ sql, ledger, trips: createDocumentTrips(sql), report }),
    outbox: createMysqlOutbox(sql, randomUUID().slice(0, 32)),
    payments: createSqlPaymentStore(sql, { ownTrade: createTradeOwners(sql), everywhere }),
    policies: createSqlPolicyStore(sql),
    queues: createSqlQueueStore(sql),
    quotas: createSqlQuotaStore(sql),
    auditTrail: createSqlAuditTrail(sql),
    reconciliation: createSqlReconciliationStore(sql),
    risk: createSqlRiskStore(sql),
    runStates: createSqlRunStateStore(sql),
    securityEvents: createSqlSecurityEvents(sql, everywhere),
    sentMessages: createSqlSentMessages(sql, everywhere),
    sessions: createSqlSessionStore(sql, everywhere),
    timetable: createSqlTimetableStore(sql),
    users: createSqlUserStore(sql),
    waitlist: createSqlWaitlistStore(sql, { everywhere }),
    withdrawnCoaches: createSqlWithdrawnCoachStore(sql),
    [Symbol.asyncDispose]: stop,
  };
}

/** The process that noted a release has carried it out by then, or is dead. */
const abandonedAfterMs = 10 * secondMs;
const pollEveryMs = 30 * secondMs;

/** Now and then carries out what a process that died has left; each of them does, and it may be done twice. */
function finishReleases(ledger: SeatLedger, clock: Clock, report: MysqlStoresDeps["report"]): () => Promise<void> {
  const finishing = repeating({
    clock,
    name: "releases",
    everyMs: pollEveryMs,
    pass: () => ledger.finish(epochMs(clock.now() - abandonedAfterMs)),
    report: (_, error) => report("freed seats could not be looked for; trying again", error),
  });
  return finishing.stop;
}

/** Which engine of a world stands behind which port of a process. */
import { changeFeedPort } from "@chepiao/ports/change-feed";
import type { ChangeFeed } from "@chepiao/ports/change-feed";
import type { Clock } from "@chepiao/ports/clock";
import { type Delay, delayPort } from "@chepiao/ports/delay";
import { epochMs } from "@chepiao/kernel";
import { leasesPort } from "@chepiao/ports/lease";
import { type Log, logPort } from "@chepiao/ports/log";
import { type OrderFeed, orderFeedPort } from "@chepiao/ports/order-feed";
import { orderIndexPort, orderListPort } from "@chepiao/ports/order-lists";
import { orderSearchPort } from "@chepiao/ports/order-search";
import { ordersOfRunsPort, orderStorePort } from "@chepiao/ports/order-store";
import { createMemoryIdentityVerifier, identityVerifierPort } from "@chepiao/ports/identity-verifier";
import { type Messenger, messengerPort } from "@chepiao/ports/messenger";
import { createMemoryOneTimeCodes, oneTimeCodesPort } from "@chepiao/ports/one-time-codes";
import { outboxPort } from "@chepiao/ports/outbox";
import { createMemoryPasswords, passwordsPort } from "@chepiao/ports/passwords";
import { type PaymentProvider, paymentProvidersPort } from "@chepiao/ports/payment-provider";
import { policyStorePort } from "@chepiao/ports/policy-store";
import { gateStorePort } from "@chepiao/ports/gate-store";
import { type PurchaseLoad, purchaseLoadPort } from "@chepiao/ports/purchase-load";
import { type QueueCounters, queueCountersPort } from "@chepiao/ports/queue-counters";
import { queueStorePort } from "@chepiao/ports/queue-store";
import { type RiskCounters, riskCountersPort } from "@chepiao/ports/risk-counters";
import { auditTrailPort } from "@chepiao/ports/audit-trail";
import { reconciliationStorePort } from "@chepiao/ports/reconciliation-store";
import { riskStorePort } from "@chepiao/ports/risk-store";
import { quotaStorePort } from "@chepiao/ports/quota-store";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { deliveriesPort } from "@chepiao/ports/deliveries";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import type { Implementations } from "@chepiao/ports/port";
import { createMemoryRateLimiter, rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { type Reservations, reservationsPort } from "@chepiao/ports/reservations";
import { type SeatStore, seatStorePort } from "@chepiao/ports/seat-store";
import { createMemorySecurityEvents, securityEventsPort } from "@chepiao/ports/security-events";
import { sessionFeedPort } from "@chepiao/ports/session-feed";
import { sessionStorePort } from "@chepiao/ports/session-store";
import { type Submissions, submissionsPort } from "@chepiao/ports/submissions";
import { runStateStorePort, trainMessageSourcePort } from "@chepiao/ports/run-states";
import { timetableStorePort } from "@chepiao/ports/timetable-store";
import { userStorePort } from "@chepiao/ports/user-store";
import { waitlistStorePort } from "@chepiao/ports/waitlist-store";
import { afterErasingPort } from "@chepiao/services/order/room.ts";
import { sessionChangesPort } from "@chepiao/services/user/room.ts";
import { bankLedgerPort } from "../apps/server/rooms/bank.ts";
import { practiceMessagesPort } from "../apps/server/rooms/messages.ts";
import { orderReaderPort } from "../apps/server/rooms/readModels.ts";
import { behind } from "../apps/server/wiring/ports.ts";
import type { RedisPorts } from "./engines/redis/redis.ts";
import type { SqlPorts } from "./engines/sql.ts";

export type EnginePorts = {
  readonly sql: SqlPorts;
  readonly binlog: ChangeFeed;
  readonly redis: RedisPorts;
  readonly log: Log;
  readonly delay: Delay;
  readonly provider: PaymentProvider;
  /** Null where no mails are carried. */
  readonly messenger: Messenger | null;
  readonly clock: Pick<Clock, "now">;
};

export function portsOf({ sql, binlog, redis, log, delay, provider, messenger, clock }: EnginePorts): Implementations {
  const { orders } = sql;
  const all = async function* () {
    for await (const page of orders.createdSince(epochMs(0)))
      yield await orders.some(page.map(({ orderId }) => orderId));
  };
  return new Map([
    ...everywhere({ sql, log, provider, messenger, clock }),
    behind(riskCountersPort, redis.riskCounters),
    behind(queueCountersPort, redis.queues),
    behind(purchaseLoadPort, redis.load),
    behind(ordersOfRunsPort, orders),
    behind(orderReaderPort, { ...orders, all }),
    behind(orderIndexPort, sql.index),
    behind(orderListPort, sql.list),
    behind(orderSearchPort, sql.search),
    behind(changeFeedPort, binlog),
    behind(sessionStorePort, redis.sessions),
    behind(seatStorePort, redis.seats),
    behind(reservationsPort, redis.reservations),
    behind(submissionsPort, redis.submissions),
    behind(orderFeedPort, redis.feed),
    behind(leasesPort, redis.leases),
    behind(delayPort, delay),
  ]);
}

type EverywherePorts = Pick<EnginePorts, "sql" | "log" | "provider" | "messenger" | "clock">;

export type EmbeddedPorts = EverywherePorts & {
  readonly riskCounters: RiskCounters;
  readonly queues: QueueCounters;
  readonly load: PurchaseLoad;
  readonly seats: SeatStore;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly feed: OrderFeed;
};

export const embeddedPortsOf = (ports: EmbeddedPorts): Implementations =>
  new Map([
    ...everywhere(ports),
    behind(riskCountersPort, ports.riskCounters),
    behind(queueCountersPort, ports.queues),
    behind(purchaseLoadPort, ports.load),
    behind(ordersOfRunsPort, null),
    behind(orderSearchPort, null),
    behind(sessionStorePort, ports.sql.sessions),
    behind(seatStorePort, ports.seats),
    behind(reservationsPort, ports.reservations),
    behind(submissionsPort, ports.submissions),
    behind(orderFeedPort, ports.feed),
    behind(delayPort, null),
  ]);

const everywhere = ({ sql, log, provider, messenger, clock }: EverywherePorts) => [
  behind(orderStorePort, sql.orders),
  behind(outboxPort, sql.outbox),
  behind(paymentStorePort, sql.payments),
  behind(policyStorePort, sql.policies),
  behind(gateStorePort, sql.gates),
  behind(notificationStorePort, sql.notifications),
  behind(deliveriesPort, sql.deliveries),
  behind(queueStorePort, sql.queues),
  behind(auditTrailPort, sql.auditTrail),
  behind(reconciliationStorePort, sql.reconciliation),
  behind(riskStorePort, sql.risk),
  behind(quotaStorePort, sql.quotas),
  behind(withdrawnCoachStorePort, sql.withdrawnCoaches),
  behind(waitlistStorePort, sql.waitlist),
  behind(timetableStorePort, sql.timetable),
  behind(runStateStorePort, sql.runStates),
  behind(trainMessageSourcePort, () => {
    throw new Error("nobody sends messages about trains here");
  }),
  behind(userStorePort, sql.users),
  behind(logPort, log),
  behind(paymentProvidersPort, [provider]),
  behind(passwordsPort, createMemoryPasswords()),
  behind(oneTimeCodesPort, createMemoryOneTimeCodes()),
  behind(rateLimiterPort, createMemoryRateLimiter(clock)),
  behind(securityEventsPort, createMemorySecurityEvents()),
  behind(identityVerifierPort, createMemoryIdentityVerifier()),
  behind(messengerPort, messenger),
  behind(practiceMessagesPort, null),
  behind(bankLedgerPort, { path: ":memory:" }),
  behind(sessionChangesPort, null),
  behind(sessionFeedPort, null),
  behind(afterErasingPort, null),
];

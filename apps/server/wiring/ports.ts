/** What engines give to rooms, by the ports it stands behind. */
import type { Stores } from "@chepiao/adapters/sql";
import { auditTrailPort } from "@chepiao/ports/audit-trail";
import { changeFeedPort } from "@chepiao/ports/change-feed";
import { deliveriesPort } from "@chepiao/ports/deliveries";
import { type Delay, delayPort } from "@chepiao/ports/delay";
import { gateStorePort } from "@chepiao/ports/gate-store";
import { gatewayStorePort } from "@chepiao/ports/gateway-store";
import { type Leases, leasesPort } from "@chepiao/ports/lease";
import { type Log, logPort } from "@chepiao/ports/log";
import { type OrderFeed, orderFeedPort } from "@chepiao/ports/order-feed";
import { orderIndexPort, orderListPort } from "@chepiao/ports/order-lists";
import { type OrderSearch, orderSearchPort } from "@chepiao/ports/order-search";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { ordersOfRunsPort, orderStorePort } from "@chepiao/ports/order-store";
import { oneTimeCodesPort } from "@chepiao/ports/one-time-codes";
import { operationsCountsPort } from "@chepiao/ports/operations-counts";
import { outboxPort } from "@chepiao/ports/outbox";
import { policyStorePort } from "@chepiao/ports/policy-store";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import type { Port } from "@chepiao/ports/port";
import { type RateLimiter, rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { type Reservations, reservationsPort } from "@chepiao/ports/reservations";
import { type PurchaseLoad, purchaseLoadPort } from "@chepiao/ports/purchase-load";
import { type QueueCounters, queueCountersPort } from "@chepiao/ports/queue-counters";
import { queueStorePort } from "@chepiao/ports/queue-store";
import { reconciliationStorePort } from "@chepiao/ports/reconciliation-store";
import { type RiskCounters, riskCountersPort } from "@chepiao/ports/risk-counters";
import { riskStorePort } from "@chepiao/ports/risk-store";
import { quotaStorePort } from "@chepiao/ports/quota-store";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { type SeatStore, seatStorePort } from "@chepiao/ports/seat-store";
import { type SecurityEvents, securityEventsPort } from "@chepiao/ports/security-events";
import { type SessionFeed, sessionFeedPort } from "@chepiao/ports/session-feed";
import { type SessionStore, sessionStorePort } from "@chepiao/ports/session-store";
import { type Submissions, submissionsPort } from "@chepiao/ports/submissions";
import { timetableStorePort } from "@chepiao/ports/timetable-store";
import { userStorePort } from "@chepiao/ports/user-store";
import { waitlistStorePort } from "@chepiao/ports/waitlist-store";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { planRefit } from "@chepiao/services/inventory";
import { runPlannersPort } from "@chepiao/services/operations";
import { lengthsOf, oneMoreCoach, wouldServe } from "@chepiao/services/waitlist";
import { orderReaderPort, type ReadModels } from "../rooms/readModels.ts";
import type { LogSeen } from "./gauges.ts";

export type Ports = {
  readonly stores: Stores;
  readonly sessions: SessionStore;
  /** Where other processes keep sessions, too. */
  readonly sessionFeed?: SessionFeed;
  readonly limiter: RateLimiter;
  readonly seats: SeatStore;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly feed: OrderFeed;
  readonly queueCounters: QueueCounters;
  readonly purchaseLoad: PurchaseLoad;
  readonly riskCounters: RiskCounters;
  readonly leases: Leases;
  readonly log: Log & LogSeen;
  /** Null where there is none: the sweeper alone is sufficient. */
  readonly delay: Delay | null;
  readonly readModels: ReadModels;
  /** Null where there is none: operators search nothing then. */
  readonly orderSearch: OrderSearch | null;
  /** Where they are not kept in the database. */
  readonly securityEvents?: SecurityEvents;
};

/** A port with what stands behind it. */
export const behind = <T>({ name }: Port<T>, implementation: T): readonly [string, unknown] => [name, implementation];

/** What is missing was not opened: no role of this process needs it. */
export function implementationsOf(ports: Partial<Ports>): Map<string, unknown> {
  const { stores, readModels } = ports;
  const all = [
    stores && behind(orderStorePort, stores.orders),
    stores && behind(operationsCountsPort, stores.operationsCounts),
    stores && behind(outboxPort, stores.outbox),
    stores && behind(policyStorePort, stores.policies),
    stores && behind(paymentStorePort, stores.payments),
    stores && behind(timetableStorePort, stores.timetable),
    stores && behind(gateStorePort, stores.gates),
    stores && behind(gatewayStorePort, stores.gatewayRules),
    stores && behind(notificationStorePort, stores.notifications),
    stores && behind(deliveriesPort, stores.deliveries),
    stores && behind(queueStorePort, stores.queues),
    stores && behind(auditTrailPort, stores.auditTrail),
    stores && behind(reconciliationStorePort, stores.reconciliation),
    stores && behind(riskStorePort, stores.risk),
    stores && behind(quotaStorePort, stores.quotas),
    stores && behind(runStateStorePort, stores.runStates),
    stores && behind(userStorePort, stores.users),
    stores && behind(waitlistStorePort, stores.waitlist),
    stores && behind(withdrawnCoachStorePort, stores.withdrawnCoaches),
    stores && behind(oneTimeCodesPort, stores.codes),
    stores && behind(securityEventsPort, ports.securityEvents ?? stores.securityEvents),
    ports.limiter && behind(rateLimiterPort, ports.limiter),
    ports.sessions && behind(sessionStorePort, ports.sessions),
    ports.seats && behind(seatStorePort, ports.seats),
    ports.reservations && behind(reservationsPort, ports.reservations),
    ports.submissions && behind(submissionsPort, ports.submissions),
    ports.feed && behind(orderFeedPort, ports.feed),
    ports.queueCounters && behind(queueCountersPort, ports.queueCounters),
    ports.purchaseLoad && behind(purchaseLoadPort, ports.purchaseLoad),
    ports.riskCounters && behind(riskCountersPort, ports.riskCounters),
    ports.leases && behind(leasesPort, ports.leases),
    ports.log && behind(logPort, ports.log),
    // Pure: what other rooms would work out is worked out in every process.
    behind(runPlannersPort, { planRefit, lengthsOf, oneMoreCoach, wouldServe }),
    behind(delayPort, ports.delay ?? null),
    behind(sessionFeedPort, ports.sessionFeed ?? null),
    behind(orderSearchPort, ports.orderSearch ?? null),
    behind(ordersOfRunsPort, readModels?.orders ?? null),
    readModels && behind(changeFeedPort, readModels.feed),
    readModels && behind(orderReaderPort, readModels.orders),
    readModels && behind(orderIndexPort, readModels.index),
    readModels && behind(orderListPort, readModels.list),
  ];
  return new Map(all.filter((each) => each !== undefined));
}

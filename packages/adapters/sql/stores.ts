/** Every store that a database keeps for the platform. */
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { OrderStore } from "@chepiao/ports/order-store";
import type { GateStore } from "@chepiao/ports/gate-store";
import type { GatewayStore } from "@chepiao/ports/gateway-store";
import type { SentMessages } from "@chepiao/ports/messenger";
import type { Leases } from "@chepiao/ports/lease";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import type { OneTimeCodes } from "@chepiao/ports/one-time-codes";
import type { Outbox } from "@chepiao/ports/outbox";
import type { PaymentStore } from "@chepiao/ports/payment-store";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { QuotaStore } from "@chepiao/ports/quota-store";
import type { ReconciliationStore } from "@chepiao/ports/reconciliation-store";
import type { RiskStore } from "@chepiao/ports/risk-store";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";

export type Stores = {
  readonly codes: OneTimeCodes;
  readonly deliveries: Deliveries;
  readonly gates: GateStore;
  readonly gatewayRules: GatewayStore;
  /** Those that may not be forgotten: node numbers. */
  readonly leases: Leases;
  readonly notifications: NotificationStore;
  readonly orders: OrderStore;
  readonly outbox: Outbox;
  readonly payments: PaymentStore;
  readonly policies: PolicyStore;
  readonly queues: QueueStore;
  readonly quotas: QuotaStore;
  readonly reconciliation: ReconciliationStore;
  readonly risk: RiskStore;
  readonly runStates: RunStateStore;
  readonly securityEvents: SecurityEvents;
  readonly sentMessages: SentMessages;
  readonly sessions: SessionStore;
  readonly timetable: TimetableStore;
  readonly users: UserStore;
  readonly waitlist: WaitlistStore;
  readonly withdrawnCoaches: WithdrawnCoachStore;
};

/** The operations room, as it declares itself. */
import { operationsRoutes, timetableClient, userClient } from "@chepiao/contracts";
import { auditTrailPort } from "@chepiao/ports/audit-trail";
import { deliveriesPort } from "@chepiao/ports/deliveries";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { logPort } from "@chepiao/ports/log";
import { operationsCountsPort } from "@chepiao/ports/operations-counts";
import { orderSearchPort } from "@chepiao/ports/order-search";
import { orderStorePort } from "@chepiao/ports/order-store";
import { outboxPort } from "@chepiao/ports/outbox";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import { quotaStorePort } from "@chepiao/ports/quota-store";
import { reconciliationStorePort } from "@chepiao/ports/reconciliation-store";
import { riskStorePort } from "@chepiao/ports/risk-store";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { userStorePort } from "@chepiao/ports/user-store";
import { waitlistStorePort } from "@chepiao/ports/waitlist-store";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { defineRoom } from "@chepiao/room";
import { createOperations } from "./index.ts";
import { runPlannersPort } from "./runs/index.ts";
import { auditKeptMs } from "./settings.ts";

export const operationsRoom = defineRoom({
  name: "operations",
  about: "what staff look at and do",
  routes: operationsRoutes,
  asks: { accounts: userClient, timetable: timetableClient },
  needs: {
    trail: auditTrailPort,
    users: userStorePort,
    orders: orderStorePort,
    payments: paymentStorePort,
    notifications: notificationStorePort,
    deliveries: deliveriesPort,
    orderSearch: orderSearchPort,
    counts: operationsCountsPort,
    outbox: outboxPort,
    log: logPort,
    reconciliation: reconciliationStorePort,
    risk: riskStorePort,
    runStates: runStateStorePort,
    withdrawnCoaches: withdrawnCoachStorePort,
    waitlist: waitlistStorePort,
    quotas: quotaStorePort,
    planners: runPlannersPort,
  },
  settings: { auditKeptMs },
  async open({ rooms: { accounts, timetable }, ports, settings, zone, clock, random, report }) {
    const shared = { clock, random, report, accounts, timetable: timetable.current };
    return createOperations({ ...shared, zone: await zone(), ...ports, ...settings });
  },
});

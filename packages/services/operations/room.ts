/** The operations room, as it declares itself. */
import { operationsRoutes, timetableClient } from "@chepiao/contracts";
import { auditTrailPort } from "@chepiao/ports/audit-trail";
import { deliveriesPort } from "@chepiao/ports/deliveries";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { orderStorePort } from "@chepiao/ports/order-store";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import { quotaStorePort } from "@chepiao/ports/quota-store";
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
  asks: { timetable: timetableClient },
  needs: {
    trail: auditTrailPort,
    users: userStorePort,
    orders: orderStorePort,
    payments: paymentStorePort,
    notifications: notificationStorePort,
    deliveries: deliveriesPort,
    runStates: runStateStorePort,
    withdrawnCoaches: withdrawnCoachStorePort,
    waitlist: waitlistStorePort,
    quotas: quotaStorePort,
    planners: runPlannersPort,
  },
  settings: { auditKeptMs },
  async open({ rooms, ports, settings, zone, clock, random, report }) {
    const timetable = rooms.timetable.current;
    return createOperations({ clock, random, report, timetable, zone: await zone(), ...ports, ...settings });
  },
});

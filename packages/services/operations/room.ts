/** The operations room, as it declares itself. */
import { operationsRoutes } from "@chepiao/contracts";
import { auditTrailPort } from "@chepiao/ports/audit-trail";
import { deliveriesPort } from "@chepiao/ports/deliveries";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { orderStorePort } from "@chepiao/ports/order-store";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import { userStorePort } from "@chepiao/ports/user-store";
import { defineRoom } from "@chepiao/room";
import { createOperations } from "./index.ts";
import { auditKeptMs } from "./settings.ts";

export const operationsRoom = defineRoom({
  name: "operations",
  about: "what staff look at and do",
  routes: operationsRoutes,
  needs: {
    trail: auditTrailPort,
    users: userStorePort,
    orders: orderStorePort,
    payments: paymentStorePort,
    notifications: notificationStorePort,
    deliveries: deliveriesPort,
  },
  settings: { auditKeptMs },
  async open({ ports, settings, zone, clock, random }) {
    return createOperations({ clock, random, zone: await zone(), ...ports, ...settings });
  },
});

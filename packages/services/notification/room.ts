/** The notification room, as it declares itself. */
import { notificationRoutes, orderClient, timetableClient, waitlistClient } from "@chepiao/contracts";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { countersGauge, defineRoom } from "@chepiao/room";
import { createNotification } from "./index.ts";
import { notificationsKeptMs } from "./settings.ts";

export const notificationRoom = defineRoom({
  name: "notification",
  about: "what accounts are told of their orders",
  routes: notificationRoutes,
  asks: { orders: orderClient, waitlist: waitlistClient, timetable: timetableClient },
  needs: { store: notificationStorePort, runStates: runStateStorePort },
  settings: { notificationsKeptMs },
  open({ rooms, ports, settings, clock }) {
    const room = createNotification({
      clock,
      ...ports,
      ...settings,
      orders: rooms.orders,
      waitlist: rooms.waitlist,
      timetable: rooms.timetable.current,
    });
    return {
      ...room,
      work: room.jobs.work,
      gauges: [countersGauge("notification_events", "Notifications since the start.", room.counters)],
    };
  },
});

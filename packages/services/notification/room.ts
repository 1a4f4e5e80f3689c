/** The notification room, as it declares itself. */
import { notificationRoutes, orderClient, timetableClient, userClient, waitlistClient } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type Deliveries, deliveriesPort } from "@chepiao/ports/deliveries";
import { messengerPort } from "@chepiao/ports/messenger";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { countersOf, defineRoom, gaugeOf, type MetricSpec } from "@chepiao/room";
import { createNotification } from "./index.ts";
import { notificationsKeptMs } from "./settings.ts";

export const notificationRoom = defineRoom({
  name: "notification",
  about: "what accounts are told of their orders",
  routes: notificationRoutes,
  asks: { orders: orderClient, waitlist: waitlistClient, users: userClient, timetable: timetableClient },
  needs: {
    store: notificationStorePort,
    deliveries: deliveriesPort,
    messenger: messengerPort,
    runStates: runStateStorePort,
    withdrawnCoaches: withdrawnCoachStorePort,
  },
  settings: { notificationsKeptMs },
  open({ rooms, ports, settings, clock }) {
    const room = createNotification({
      clock,
      ...ports,
      ...settings,
      orders: rooms.orders,
      waitlist: rooms.waitlist,
      users: rooms.users,
      timetable: rooms.timetable.current,
    });
    return {
      ...room,
      work: room.jobs.work,
      metrics: [
        countersOf("notification_events_total", "Notifications and their mails since the start.", room.counters),
        ...backlogGauges(ports.deliveries, clock),
      ],
    };
  },
});

/** More are not counted: it is a question of seconds, or of an afternoon. */
const backlogMax = 10_000;

function backlogGauges(deliveries: Pick<Deliveries, "backlog">, clock: Pick<Clock, "now">): readonly MetricSpec[] {
  const read = () => deliveries.backlog(backlogMax);
  return [
    gaugeOf("notification_mails_waiting", `Mails that wait, ${backlogMax} at most.`, async () => (await read()).queued),
    gaugeOf("notification_mails_overdue_seconds", "For how long the first of them could have been tried.", async () => {
      const { dueSince } = await read();
      return dueSince === null ? 0 : Math.max(0, clock.now() - dueSince) / secondMs;
    }),
  ];
}

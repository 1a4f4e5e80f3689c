/** The waitlist room, as it declares itself. */
import {
  capturedSecret,
  inventoryClient,
  orderClient,
  paymentClient,
  policyClient,
  timetableClient,
  userClient,
  waitlistClient,
  waitlistRoutes,
} from "@chepiao/contracts";
import { rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { waitlistStorePort } from "@chepiao/ports/waitlist-store";
import { countersOf, defineRoom } from "@chepiao/room";
import { createWaitlist } from "./index.ts";
import { chancesPerAccountMinute, entriesKeptMs } from "./settings.ts";

export const waitlistRoom = defineRoom({
  name: "waitlist",
  about: "waiting for seats that are sold out",
  routes: waitlistRoutes,
  client: waitlistClient,
  makesIds: true,
  keys: { consumers: [`secret ${capturedSecret}`] },
  asks: {
    users: userClient,
    inventory: inventoryClient,
    orders: orderClient,
    payments: paymentClient,
    timetable: timetableClient,
    policy: policyClient,
  },
  needs: { store: waitlistStorePort, limiter: rateLimiterPort, runStates: runStateStorePort },
  settings: { chancesPerAccountMinute, entriesKeptMs },
  open({ rooms, ports, settings, isSingleProcess, ...around }) {
    const room = createWaitlist({
      ...around,
      ...ports,
      ...rooms,
      ...settings,
      timetable: rooms.timetable.current,
      trains: rooms.timetable,
      forgetsLines: isSingleProcess,
      policies: rooms.policy.policies,
    });
    return {
      ...room,
      work: room.jobs.work,
      reload: room.setLines,
      metrics: [
        countersOf("waitlist_events_total", "Entries of the waitlist since the start.", room.counters),
        {
          kind: "gauge",
          name: "waitlist_added_runs_closed",
          help: "Added runs that the last pass of this process left closed to the public, by why.",
          labels: ["reason"],
          read: () => [...room.addedClosedBy()].map(([reason, value]) => ({ value, labels: { reason } })),
        },
      ],
    };
  },
});

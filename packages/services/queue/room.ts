/** The queue room, as it declares itself. */
import {
  announcedQueuesClient,
  inventoryClient,
  queuePassSecret,
  queueRoutes,
  timetableClient,
  userClient,
} from "@chepiao/contracts";
import { purchaseLoadPort } from "@chepiao/ports/purchase-load";
import { queueCountersPort } from "@chepiao/ports/queue-counters";
import { queueStorePort } from "@chepiao/ports/queue-store";
import { rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { defineRoom } from "@chepiao/room";
import { createQueue } from "./index.ts";
import { lotsSecret, placesSecret } from "./places.ts";
import { seedsSecret } from "./seeds.ts";

export const queueRoom = defineRoom({
  name: "queue",
  about: "who waits until an opening lets them buy",
  routes: queueRoutes,
  keys: {
    routes: [`secret ${placesSecret}`, `secret ${lotsSecret}`, `secret ${queuePassSecret}`],
    work: [`secret ${seedsSecret}`],
  },
  asks: {
    users: userClient,
    inventory: inventoryClient,
    timetable: timetableClient,
    queues: announcedQueuesClient,
  },
  needs: { store: queueStorePort, counters: queueCountersPort, limiter: rateLimiterPort, load: purchaseLoadPort },
  open({ rooms, ports, isSingleProcess, ...around }) {
    const room = createQueue({
      ...around,
      ...ports,
      ...rooms,
      timetable: rooms.timetable.current,
      keepsLots: isSingleProcess,
    });
    const kind = "gauge";
    const labels = ["queue", "scope"];
    return {
      handlers: room.handlers,
      work: room.keeper.work,
      ...(isSingleProcess && { reload: room.keeper.reload }),
      metrics: [
        { kind, name: "queue_lots", help: "Who came before the opening.", labels, read: room.gauge("lots") },
        { kind, name: "queue_places_taken", help: "The last place that was given.", labels, read: room.gauge("taken") },
        {
          kind,
          name: "queue_places_served",
          help: "The last place that was called.",
          labels,
          read: room.gauge("served"),
        },
      ],
    };
  },
});

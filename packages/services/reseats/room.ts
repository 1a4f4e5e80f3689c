/** The room of those who are seated again, as it declares itself: it has nothing of its own but a job. */
import { orderClient, timetableClient } from "@chepiao/contracts";
import { orderStorePort } from "@chepiao/ports/order-store";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { defineRoom, counterOf } from "@chepiao/room";
import { createReseats } from "./index.ts";

export const reseatsRoom = defineRoom({
  name: "reseats",
  about: "other seats for people in coaches that a train has lost",
  asks: { orders: orderClient, timetable: timetableClient },
  needs: { store: orderStorePort, withdrawnCoaches: withdrawnCoachStorePort },
  open({ clock, report, rooms, ports }) {
    let reseated = 0;
    const reseats = createReseats({
      clock,
      report,
      timetable: rooms.timetable.current,
      orders: rooms.orders,
      ...ports,
      count: (_, howMany) => {
        reseated += howMany;
      },
    });
    return {
      work: [reseats.work],
      metrics: [
        counterOf(
          "reseated_tickets_total",
          "Tickets in lost coaches that were given other seats, since the start.",
          () => reseated,
        ),
      ],
    };
  },
});

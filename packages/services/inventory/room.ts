/** The inventory room, as it declares itself. */
import {
  inventoryClient,
  isWayOff,
  orderClient,
  trainAndDateOf,
  type Timetable,
  timetableClient,
  waitlistClient,
} from "@chepiao/contracts";
import { addDays, dateIn } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { logPort } from "@chepiao/ports/log";
import { quotaStorePort } from "@chepiao/ports/quota-store";
import { seatStorePort } from "@chepiao/ports/seat-store";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { countersOf, defineRoom, type MetricSample, type MetricSpec } from "@chepiao/room";
import { createInventory, type Inventory } from "./index.ts";
import { createQuotaKeeper } from "./quotas.ts";
import { createStepLog } from "./stepLog.ts";
import { createWithdrawnKeeper } from "./withdrawn.ts";

export const inventoryRoom = defineRoom({
  name: "inventory",
  about: "the seats of every run",
  client: inventoryClient,
  asks: { orders: orderClient, waitlist: waitlistClient, timetable: timetableClient },
  needs: { seats: seatStorePort, log: logPort, quotas: quotaStorePort, withdrawn: withdrawnCoachStorePort },
  open({ clock, report, isSingleProcess, rooms, ports }) {
    const room = createInventory({
      seats: ports.seats,
      clock,
      isLive: (orderId) => rooms.orders.isLive(orderId),
      isCancelled: (leg) => isWayOff(rooms.timetable.timetable.stateOf(leg.run.runId), leg),
      isAdded: ({ runId }) => rooms.timetable.added().runIds.has(runId),
      isGrantWanted: (grant) => rooms.waitlist.isGrantWanted(grant),
      runOf: (runId) => rooms.timetable.timetable.run(...trainAndDateOf(runId)),
      report: (trouble) => report("overdue holds could not be looked at", trouble),
    });
    const steps = createStepLog({ log: ports.log, clock, report });
    room.hearSteps(steps.tell);
    const withdrawn = createWithdrawnKeeper({
      clock,
      timetable: () => rooms.timetable.timetable,
      store: ports.withdrawn,
      seats: ports.seats,
      forgetsOffers: isSingleProcess,
      report,
    });
    const quotas = createQuotaKeeper({
      clock,
      timetable: () => rooms.timetable.timetable,
      store: ports.quotas,
      seats: ports.seats,
      exchanged: withdrawn.exchanged,
      forgetsOffers: isSingleProcess,
      report,
    });
    const reload = async () => {
      await withdrawn.reload();
      await quotas.reload();
    };
    return {
      client: room,
      room,
      work: [...room.work, ...withdrawn.work, ...quotas.work],
      // Before who waits is set: nobody is served past a quota, or with a seat that is withdrawn.
      ...(isSingleProcess && { reload }),
      close: steps.told,
      metrics: [
        countersOf("inventory_events_total", "What became of seats since the start.", room.counters),
        // To count what is free on every run would be a call for each of thousands, where seats are not in this process.
        ...(isSingleProcess ? [availableSeats(room, rooms.timetable.timetable, clock)] : []),
      ],
    };
  },
});

/** By class alone and not by train: two thousand series a day would tell less and cost more. */
const availableSeats = (inventory: Inventory, timetable: Timetable, clock: Clock): MetricSpec => ({
  kind: "gauge",
  name: "ticket_inventory_available_seats",
  help: "Seats that the public may buy over the whole way, by origin date (today and tomorrow) and class.",
  labels: ["train_date", "seat_type"],
  async read() {
    const today = dateIn(timetable.zone, clock.now());
    const samples: MetricSample[] = [];
    for (const date of [today, addDays(today, 1)]) {
      const legs = [...timetable.runsOn(date)].map((run) => ({ run, fromStop: 0, toStop: run.train.stops.length - 1 }));
      const sums = new Map<string, number>();
      for (const stock of await inventory.available(legs)) {
        for (const [seatClass, { sellable }] of stock) sums.set(seatClass, (sums.get(seatClass) ?? 0) + sellable);
      }
      for (const [seatClass, value] of sums)
        samples.push({ value, labels: { train_date: date, seat_type: seatClass } });
    }
    return samples;
  },
});

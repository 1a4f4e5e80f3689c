/** What Prometheus may ask of a running platform, in the design document's names where it gives them (§11.1, §7.4.4.1). */
import type { Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumption } from "@chepiao/ports/log";
import type { Outbox } from "@chepiao/ports/outbox";
import { addDays, dateIn, secondMs } from "@chepiao/kernel";
import type { Metrics, Sample } from "@chepiao/runtime";
import type { Inventory } from "@chepiao/services/inventory";
import type { OrderRoom } from "@chepiao/services/order";
import type { PaymentRoom } from "@chepiao/services/payment";

export type Watched = {
  readonly order: OrderRoom;
  readonly inventory: Inventory;
  readonly timetable: Timetable;
  readonly payment: PaymentRoom;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly consumptions: readonly Consumption[];
  readonly log: { readonly counters: { readonly syncs: number; readonly appended: number } };
};

export function registerGauges(metrics: Metrics, watched: Watched): void {
  const { order, inventory, payment, outbox, clock, consumptions, log } = watched;
  const one = (name: string, help: string, read: () => number | Promise<number>) =>
    metrics.gauge(name, help, [], async () => [{ value: await read() }]);

  one(
    "local_message_pending_count",
    "Messages in the outbox not yet in the log.",
    async () => (await outbox.backlog()).count,
  );
  one("local_message_oldest_seconds", "Age of the oldest of them.", async () => {
    const { oldestAt } = await outbox.backlog();
    return oldestAt === null ? 0 : (clock.now() - oldestAt) / secondMs;
  });
  one("log_consumer_lag_records", "Records in the log that some consumer has not finished.", () =>
    consumptions.reduce((sum, consumption) => sum + consumption.lag(), 0),
  );
  one("log_syncs", "Waits for the disk since the start.", () => log.counters.syncs);
  one("log_records", "Records appended since the start.", () => log.counters.appended);
  one("order_submits_in_flight", "Purchases being decided.", order.submitsInFlight);
  one("order_event_streams", "Followers connected.", order.eventStreams);
  one("tcc_transaction_success_rate", "Share of accepted orders whose seats the ledger confirmed.", () => {
    const { written, rejected } = order.counters;
    return written + rejected === 0 ? 1 : written / (written + rejected);
  });
  metrics.gauge(
    "ticket_inventory_available_seats",
    "Seats free over the whole way, by origin date (today and tomorrow) and class.",
    ["train_date", "seat_type"],
    () => freeSeats(watched),
  );
  byName(metrics, "orders", "Orders since the start, by what became of them.", order.counters);
  byName(metrics, "inventory_events", "What the seat engine did since the start.", inventory.counters);
  byName(metrics, "payment_events", "What happened to money since the start.", payment.counters);
}

/** Not by train: two thousand series a day would tell less and cost more. */
async function freeSeats({ inventory, timetable, clock }: Watched): Promise<Sample[]> {
  const today = dateIn(timetable.zone, clock.now());
  const samples: Sample[] = [];
  for (const date of [today, addDays(today, 1)]) {
    const legs = [...timetable.runsOn(date)].map((run) => ({ run, fromStop: 0, toStop: run.train.stops.length - 1 }));
    const sums = new Map<string, number>();
    for (const free of await inventory.available(legs)) {
      for (const [seatClass, count] of free) sums.set(seatClass, (sums.get(seatClass) ?? 0) + count);
    }
    for (const [seatClass, value] of sums) samples.push({ value, labels: { train_date: date, seat_type: seatClass } });
  }
  return samples;
}

function byName(metrics: Metrics, name: string, help: string, counters: Readonly<Record<string, number>>) {
  metrics.gauge(name, help, ["what"], () =>
    Object.entries(counters).map(([what, value]) => ({ value, labels: { what } })),
  );
}

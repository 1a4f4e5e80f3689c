/** What Prometheus may ask of a running platform, in the design document's names where it gives them (§11.1, §7.4.4.1). */
import type { Clock } from "@chepiao/ports/clock";
import type { Consumption } from "@chepiao/ports/log";
import type { Outbox } from "@chepiao/ports/outbox";
import { secondMs } from "@chepiao/kernel";
import type { Metrics } from "@chepiao/runtime";
import type { Inventory } from "@chepiao/services/inventory";
import type { OrderRoom } from "@chepiao/services/order";
import type { PaymentRoom } from "@chepiao/services/payment";

export type Watched = {
  readonly order: OrderRoom;
  readonly inventory: Inventory;
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
  byName(metrics, "orders", "Orders since the start, by what became of them.", order.counters);
  byName(metrics, "inventory_events", "What the seat engine did since the start.", inventory.counters);
  byName(metrics, "payment_events", "What happened to money since the start.", payment.counters);
}

function byName(metrics: Metrics, name: string, help: string, counters: Readonly<Record<string, number>>) {
  metrics.gauge(name, help, ["what"], () =>
    Object.entries(counters).map(([what, value]) => ({ value, labels: { what } })),
  );
}

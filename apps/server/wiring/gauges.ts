/** What Prometheus may ask of a running platform, in the design document's names where it gives them (§11.1, §7.4.4.1). */
import { type Timetable, topics } from "@chepiao/contracts";
import type { Following } from "@chepiao/ports/change-feed";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumption, DeadLetters, Log } from "@chepiao/ports/log";
import type { Outbox } from "@chepiao/ports/outbox";
import { addDays, dateIn, secondMs } from "@chepiao/kernel";
import type { Metrics, Sample } from "@chepiao/runtime";
import type { Inventory } from "@chepiao/services/inventory";
import type { OrderRoom } from "@chepiao/services/order";
import type { PaymentRoom } from "@chepiao/services/payment";
import type { EngineName } from "../roles.ts";
import { everyNowAndThen } from "./rooms.ts";

/** What there is to watch: a role of its own has some of it. */
export type Watched = {
  readonly clock: Clock;
  readonly order?: OrderRoom | null;
  readonly inventory?: Inventory | null;
  readonly payment?: PaymentRoom | null;
  readonly timetable?: Timetable | null;
  readonly outbox?: Outbox | null;
  readonly log?: LogSeen | null;
  readonly consumptions?: readonly Consumption[];
  /** Read models that are kept true here, by their names. */
  readonly followings?: ReadonlyMap<string, Pick<Following, "lagMs">> | null;
  readonly engines?: EngineCounters;
};
export type Counters = Readonly<Record<string, number>>;
export type EngineCounters = Readonly<Partial<Record<EngineName, Counters>>>;
export type LogSeen = Pick<Log, "deadLetters"> & {
  readonly counters: { readonly syncs: number; readonly appended: number };
};

export function registerGauges(metrics: Metrics, watched: Watched): void {
  const { order, inventory, payment, outbox, log, consumptions = [] } = watched;
  if (outbox) watchOutbox(metrics, outbox, watched.clock);
  if (log) watchLog(metrics, log);
  if (consumptions.length > 0) {
    one(metrics, "log_consumer_lag_records", "Records in the log that some consumer has not finished.", () =>
      consumptions.reduce((sum, consumption) => sum + consumption.lag(), 0),
    );
  }
  if (watched.followings) watchProjections(metrics, watched.followings);
  if (order) watchOrders(metrics, order);
  if (inventory) byName(metrics, "inventory_events", "What became of seats since the start.", inventory.counters);
  if (inventory && watched.timetable) watchSeats(metrics, inventory, watched.timetable, watched.clock);
  if (payment) byName(metrics, "payment_events", "What happened to money since the start.", payment.counters);
  for (const [engine, counters] of Object.entries(watched.engines ?? {}))
    byName(metrics, `${engine}_events`, `What happened to calls of ${engine} since the start.`, counters);
}

const one = (metrics: Metrics, name: string, help: string, read: () => number | Promise<number>) =>
  metrics.gauge(name, help, [], async () => [{ value: await read() }]);

function watchOutbox(metrics: Metrics, outbox: Outbox, clock: Clock) {
  one(
    metrics,
    "local_message_pending_count",
    "Messages in the outbox not yet in the log.",
    async () => (await outbox.backlog()).count,
  );
  one(metrics, "local_message_oldest_seconds", "Age of the oldest of them.", async () => {
    const { oldestAt } = await outbox.backlog();
    return oldestAt === null ? 0 : (clock.now() - oldestAt) / secondMs;
  });
}

function watchLog(metrics: Metrics, { counters, deadLetters }: LogSeen) {
  one(metrics, "log_syncs", "Waits for stable storage since the start.", () => counters.syncs);
  one(metrics, "log_records", "Records appended since the start.", () => counters.appended);
  one(
    metrics,
    "log_dead_letters",
    "Records that could not be taken, put aside since the start.",
    () => deadLetters.buried,
  );
}

/** Looking for them is reading topics: not each time that somebody asks, and not while nobody can answer. */
const deadLettersFreshMs = 30 * secondMs;

/** How many wait for somebody to look at them. One process of all copies needs to count. */
export function watchDeadLetters(metrics: Metrics, deadLetters: Pick<DeadLetters, "list">, clock: Clock): () => void {
  let waiting: ReadonlyMap<string, readonly unknown[]> | null = null;
  let counting: Promise<void> | null = null;
  const count = () =>
    (counting ??= deadLetters
      .list()
      .then((letters) => void (waiting = Map.groupBy(letters, ({ topic }) => topic)))
      .finally(() => (counting = null)));
  metrics.gauge("log_dead_letters_waiting", "Dead letters that nobody has replayed yet.", ["topic"], () =>
    waiting === null ? [] : topics.map((topic) => ({ value: waiting!.get(topic)?.length ?? 0, labels: { topic } })),
  );
  void count().catch(() => {});
  return everyNowAndThen(clock, deadLettersFreshMs, count);
}

function watchProjections(metrics: Metrics, followings: NonNullable<Watched["followings"]>) {
  const help = "Age of the oldest change in SQL that a read model kept here may not have yet.";
  metrics.gauge("projection_lag_seconds", help, ["projection"], () =>
    [...followings].map(([projection, following]) => ({ value: following.lagMs() / secondMs, labels: { projection } })),
  );
}

function watchOrders(metrics: Metrics, order: OrderRoom) {
  one(metrics, "order_submits_in_flight", "Purchases being decided.", order.submitsInFlight);
  one(metrics, "order_event_streams", "Followers connected.", order.eventStreams);
  one(metrics, "tcc_transaction_success_rate", "Share of accepted orders whose seats the ledger confirmed.", () => {
    const { written, rejected } = order.counters;
    return written + rejected === 0 ? 1 : written / (written + rejected);
  });
  byName(metrics, "orders", "Orders since the start, by what became of them.", order.counters);
}

function watchSeats(metrics: Metrics, inventory: Inventory, timetable: Timetable, clock: Clock) {
  metrics.gauge(
    "ticket_inventory_available_seats",
    "Seats free over the whole way, by origin date (today and tomorrow) and class.",
    ["train_date", "seat_type"],
    () => freeSeats(inventory, timetable, clock),
  );
}

/** Not by train: two thousand series a day would tell less and cost more. */
async function freeSeats(inventory: Inventory, timetable: Timetable, clock: Clock): Promise<Sample[]> {
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

function byName(metrics: Metrics, name: string, help: string, counters: Counters) {
  metrics.gauge(name, help, ["what"], () =>
    Object.entries(counters).map(([what, value]) => ({ value, labels: { what } })),
  );
}

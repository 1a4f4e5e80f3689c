/**
 * What the order room does with the log: accepted orders become rows, captured money becomes tickets, freed seats go back to
 * stock and limits. Each handler may see a record twice, late, or after its order is gone (I7).
 */
import {
  type InventoryClient,
  type LogEvents,
  type LogRecord,
  type OrderAccepted,
  type OrderState,
  type PaymentCaptured,
  type RefundSettled,
  type RunId,
  type SeatsFreed,
  type Topic,
} from "@chepiao/contracts";
import { type OrderId, orderIdOf, orderNoOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import type { Consumer } from "@chepiao/ports/log";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import {
  isTripState,
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  type Written,
} from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import type { Submissions } from "@chepiao/ports/submissions";
import { claimOf } from "./claim.ts";
import { decidePaid, decideSettled, paymentBack } from "./decide.ts";

export type ConsumeDeps = {
  readonly clock: Clock;
  readonly store: OrderStore;
  readonly submissions: Submissions;
  readonly reservations: Reservations;
  readonly inventory: Pick<InventoryClient, "confirm" | "release">;
  readonly feed: OrderFeed;
  /** Brings an order back when its time to pay is over. Without one, the sweeper finds it a little later. */
  readonly delay?: Pick<Delay, "schedule">;
  /** Seats and limits of tickets that ended. */
  readonly free: (freed: SeatsFreed) => Promise<void>;
  /** Brings the inventory in line with what is sold on a run. Left out where the inventory cannot lose what it answered. */
  readonly mend?: (runId: RunId) => Promise<void>;
  /** Called after messages were committed to the outbox. */
  readonly kickOutbox: () => void;
  readonly count: (what: "written" | "rejected" | "ticketed" | "paidTooLate") => void;
};

export function createConsumers(deps: ConsumeDeps): Consumer[] {
  const { clock, store, submissions, reservations, inventory, feed } = deps;

  async function write(orders: readonly OrderAccepted[]) {
    const outcomes = await store.accept(orders, clock.now());
    for (const outcome of outcomes)
      if (outcome !== "known") deps.count(outcome === "rejected" ? "rejected" : "written");
    const unpaid = orders.filter((_, n) => outcomes[n] === "pendingPayment");
    if (unpaid.length > 0) deps.delay?.schedule(unpaid.map(({ orderId }) => orderId));
    const states = await statesOf(orders, outcomes);
    const live = orders.filter((_, n) => isTripState(states[n]));
    const rejected = orders.filter((_, n) => states[n] === "rejected");
    await someAtATime(rejected, letGo);
    await reservations.keep(live.map(claimOf));
    await submissions.written(orders);
    for (const { orderNo } of orders) feed.changed(orderNo);
    // Last, because nobody waits for it: whoever comes next should not be offered what is sold.
    if (deps.mend) await Promise.all([...new Set(rejected.map(({ runId }) => runId))].map(deps.mend));
  }

  /** One that was written before may have been rejected then, and the rest of that attempt may have failed. */
  async function statesOf(orders: readonly OrderAccepted[], outcomes: readonly Written[]) {
    const known = orders.filter((_, n) => outcomes[n] === "known").map(({ orderId }) => orderId);
    const states = known.length > 0 ? await store.states(known) : new Map<OrderId, OrderState>();
    return outcomes.map((outcome, n) => (outcome === "known" ? states.get(orders[n]!.orderId) : outcome));
  }

  /** Somebody else owns the seat in the ledger; what this order took elsewhere goes back. */
  async function letGo({ runId, orderId }: OrderAccepted) {
    await inventory.release({ runId, holdId: orderId });
    await reservations.giveBack(orderId);
  }

  /** Two payments of one order in one batch see each other through the version: the second is decided again. */
  async function take(captures: readonly PaymentCaptured[], keys: readonly string[]) {
    await someAtATime(captures, (captured, n) =>
      changeOrder(captured.orderNo, async (order) => {
        if (!order) return { kind: "tell", message: paymentBack(captured, keys[n]!, null) };
        const outcome = decidePaid(order, captured);
        const confirm = () => inventory.confirm([{ runId: order.runId, holdId: order.orderId }]);
        // Perhaps the step that ticketed it failed before its seats were confirmed.
        if (outcome.kind === "known") return { kind: "nothing", afterwards: confirm };
        if (outcome.kind === "giveBack") {
          deps.count("paidTooLate");
          return { kind: "tell", message: outcome.message };
        }
        const ticketed = () => {
          deps.count("ticketed");
          return confirm();
        };
        return { kind: "change", change: outcome.change, afterwards: ticketed };
      }),
    );
  }

  async function settle(settlements: readonly RefundSettled[]) {
    await someAtATime(settlements, (settled) =>
      changeOrder(settled.orderNo, async (order) => {
        const change = order && decideSettled(order, settled);
        return change ? { kind: "change", change } : { kind: "nothing" };
      }),
    );
  }

  const free = (freed: readonly SeatsFreed[]) => someAtATime(freed, deps.free);

  type Decision =
    | { readonly kind: "nothing"; readonly afterwards?: () => Promise<void> }
    | { readonly kind: "tell"; readonly message: LogRecord }
    | { readonly kind: "change"; readonly change: OrderChange; readonly afterwards?: () => Promise<void> };

  /** Reads, decides and changes; decides again when somebody else was quicker. */
  async function changeOrder(orderNo: string, decide: (order: OrderRecord | null) => Promise<Decision>) {
    const orderId = orderIdOf(orderNo);
    for (;;) {
      const decision = await decide(orderId === null ? null : await written(orderId));
      if (decision.kind === "nothing") return decision.afterwards?.();
      if (decision.kind === "tell") {
        await store.tell([decision.message], clock.now());
        deps.kickOutbox();
        return;
      }
      const [made] = await store.change([decision.change], clock.now());
      if (!made) continue;
      await decision.afterwards?.();
      feed.changed(decision.change.order.orderNo);
      deps.kickOutbox();
      return;
    }
  }

  /** The order's row. One that is accepted but not written yet is waited for: throwing makes the log bring the record again. */
  async function written(orderId: OrderId): Promise<OrderRecord | null> {
    const order = await store.load(orderId);
    if (order) return order;
    if (await submissions.find(orderId)) throw new Error(`order ${orderNoOf(orderId)} is not written yet`);
    // It may have been written between the two looks.
    return store.load(orderId);
  }

  return [
    { ...consumer("order-consumer-group", "order-create-topic", write), batchMax: 2 * batchMax, gatherMs },
    consumer("payment-consumer-group", "order-pay-topic", take),
    consumer("inventory-consumer-group", "inventory-update-topic", free),
    consumer("settlement-consumer-group", "payment-settled-topic", settle),
  ];
}

const batchMax = 500;
/** While a sale is on, rows are written twenty times a second: one big transaction costs two thirds of ten small ones. */
const gatherMs = 50;

/** More would wait for the same few connections. */
const atATime = 16;

/** In no order. Throws what was thrown first, once nobody is at work any more. */
async function someAtATime<T>(all: readonly T[], work: (one: T, n: number) => Promise<void>): Promise<void> {
  for (let next = 0; next < all.length; next += atATime) {
    const some = all.slice(next, next + atATime);
    const done = await Promise.allSettled(some.map((one, n) => work(one, next + n)));
    const failed = done.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }
}

const consumer = <T extends Topic>(
  group: string,
  topic: T,
  handle: (values: readonly LogEvents[T][], keys: readonly string[]) => Promise<void>,
): Consumer => ({
  group,
  topics: [topic],
  batchMax,
  handle: (records) =>
    handle(
      records.map((record) => record.value as LogEvents[T]),
      records.map((record) => record.key),
    ),
});

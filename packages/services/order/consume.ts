/**
 * What the order room does with the log: accepted orders become rows, captured money becomes tickets, freed seats go back to
 * stock and limits. Each handler may see a record twice, late, or after its order is gone (I7).
 */
import {
  firstRunOf,
  type HoldName,
  holdLineOf,
  type InventoryClient,
  type LogEvents,
  type OrderAccepted,
  type PaymentCaptured,
  type PaymentPurpose,
  type RefundSettled,
  type RunId,
  type SeatsFreed,
  type Topic,
} from "@chepiao/contracts";
import { type OrderId, orderIdOf, refuse, someAtATime } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import type { Consumer, Log } from "@chepiao/ports/log";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import {
  isTripState,
  type KnownOrder,
  type OrderRecord,
  type OrderStore,
  type Written,
} from "@chepiao/ports/order-store";
import type { Reservations, TripLimits } from "@chepiao/ports/reservations";
import type { Submissions } from "@chepiao/ports/submissions";
import type { Proved } from "@chepiao/room";
import type { Changes, Decision, Unmade } from "./changes.ts";
import { runsAll } from "./refundCase.ts";
import { claimsOf, type DaysAndRuns } from "./reservation.ts";
import { decideCarried } from "./change/decide.ts";
import { decidePaid, decideSettled, paymentBack } from "./decide.ts";
import { orderOfTicket } from "./purchase/acceptedOrder.ts";
import { recordOfWritten, type Standing } from "./stateRecords.ts";

export type ConsumeDeps = {
  readonly clock: Clock;
  readonly store: Pick<OrderStore, "accept" | "states">;
  readonly submissions: Pick<Submissions, "written">;
  readonly reservations: Pick<Reservations, "keep" | "release" | "paid">;
  readonly timetable: () => DaysAndRuns & Parameters<typeof runsAll>[1];
  readonly inventory: Pick<InventoryClient, "confirm" | "release">;
  readonly feed: Pick<OrderFeed, "changed">;
  readonly changes: Changes;
  readonly log: Pick<Log, "append">;
  /** Brings an order back when its time to pay is over. Without one, the sweeper finds it a little later. */
  readonly delay?: Pick<Delay, "schedule">;
  /** Seats and limits of tickets that ended. */
  readonly free: (freed: SeatsFreed) => Promise<void>;
  readonly limitsFor: (order: Pick<OrderAccepted, "lines" | "policyVersion" | "replaces">) => TripLimits;
  /** Left out where seats and limits cannot lose what they answered. */
  readonly repair?: {
    /** Brings the inventory in line with what is sold on a run. */
    readonly seats: (runId: RunId) => Promise<void>;
    /** Brings the limits in line with the orders that such a one was refused for. */
    readonly limits: (refused: OrderAccepted) => Promise<void>;
  };
  /** Which of the money that the log tells of was captured. */
  readonly proved: Proved;
  readonly count: (what: "written" | "rejected" | "ticketed" | "paidTooLate" | "paymentsNotBelieved") => void;
};

export function createConsumers(deps: ConsumeDeps): Consumer[] {
  const { clock, store, submissions, reservations, inventory, feed, changes } = deps;

  /** Each by the limits that it was bought under: of a batch, those that follow one another go together. */
  async function accept(orders: readonly OrderAccepted[]): Promise<Written[]> {
    const outcomes: Written[] = [];
    while (outcomes.length < orders.length) {
      const rest = orders.slice(outcomes.length);
      const limits = deps.limitsFor(rest[0]!);
      const other = rest.findIndex((order) => deps.limitsFor(order) !== limits);
      outcomes.push(...(await store.accept(other < 0 ? rest : rest.slice(0, other), clock.now(), limits)));
    }
    return outcomes;
  }

  async function write(orders: readonly OrderAccepted[]) {
    const outcomes = await accept(orders);
    for (const outcome of outcomes)
      if (outcome !== "known") deps.count(outcome === "rejected" ? "rejected" : "written");
    const unpaid = orders.filter((_, n) => outcomes[n] === "pendingPayment");
    if (unpaid.length > 0) deps.delay?.schedule(unpaid.map(({ orderId }) => orderId));
    const standings = await standingsOf(orders, outcomes);
    await spread(orders, standings);
    // What the waitlist has bought is paid as soon as it is there.
    const prepaid = orders.flatMap((order) => (order.prepaid ? [{ order, captured: order.prepaid }] : []));
    await take(
      prepaid.map(({ captured }) => captured),
      prepaid.map(({ order }) => firstRunOf(order)),
      "waitlist",
    );
    await carry(orders.filter(({ replaces }) => replaces?.isCarried));
    // Needs no outbox: a batch is not finished before this is appended, and one that broke off comes again with all its orders. So what became
    // of them may be told twice, and is never left out. Last, or every attempt to do the rest would tell it once more.
    await deps.log.append(orders.map((order, n) => recordOfWritten(order, standings[n])));
  }

  /** To limits, seats, the buyer's own view and the followers of an order. */
  async function spread(orders: readonly OrderAccepted[], standings: readonly (Standing | undefined)[]) {
    const timetable = deps.timetable();
    const live = orders.flatMap((order, n) => {
      const state = standings[n]?.state;
      return isTripState(state) ? claimsOf(order, state, timetable) : [];
    });
    const rejected = orders.filter((_, n) => standings[n]?.state === "rejected");
    const isSeatLost = (order: OrderAccepted) => standings[orders.indexOf(order)]!.endedBecause === "SeatLost";
    const { repair } = deps;
    const isForgotten = repair !== undefined && rejected.some(isSeatLost);
    await someAtATime(rejected, atATime, freeLimits);
    if (!isForgotten) await someAtATime(rejected, atATime, freeSeats);
    await reservations.keep(live);
    await submissions.written(orders);
    for (const { orderNo } of orders) feed.changed(orderNo);
    // Behind what people wait for: the next buyer should not be offered what is sold.
    if (!repair) return;
    await Promise.all([...new Set(rejected.filter(isSeatLost).flatMap(runsOf))].map(repair.seats));
    // A seat that comes back is given to who waits. One that is sold would be given to one of them after the other, and each refused in turn:
    // so it is first taken again for whom it was sold to.
    if (isForgotten) await someAtATime(rejected, atATime, freeSeats);
    await someAtATime(
      rejected.filter((order) => !isSeatLost(order)),
      atATime,
      repair.limits,
    );
  }

  /** One that was written before may have been rejected then, and the rest of that attempt may have failed. */
  async function standingsOf(orders: readonly OrderAccepted[], outcomes: readonly Written[]) {
    const asked = orders.filter((_, n) => outcomes[n] !== "pendingPayment").map(({ orderId }) => orderId);
    const standings = asked.length > 0 ? await store.states(asked) : noStandings;
    return outcomes.map((outcome, n) => (outcome === "pendingPayment" ? unpaid : standings.get(orders[n]!.orderId)));
  }

  /** Another order owns the seat in the ledger, or travels in the passenger's place; what this order took elsewhere goes back. */
  async function freeSeats(order: OrderAccepted) {
    for (const hold of holdsOf(order)) await inventory.release(hold);
  }

  async function freeLimits(order: OrderAccepted) {
    for (const { line } of order.lines) await reservations.release({ orderId: order.orderId, line });
  }

  /** Two payments of one order in one batch see each other through the version: the second is decided again. */
  async function take(captures: readonly PaymentCaptured[], keys: readonly string[], purpose: PaymentPurpose) {
    await someAtATime(captures, atATime, async (told, n) => {
      const captured = await deps.proved(told);
      if (!captured) return deps.count("paymentsNotBelieved");
      const outcome = await change(captured.orderNo, (order, replaced) => ({
        order,
        ...decidePaid(order, captured, purpose, { order: replacedBy(order, replaced), now: clock.now() }),
      }));
      if (!outcome) return changes.enqueue([paymentBack(captured, keys[n]!, null)]);
      if (outcome.kind === "payBack") {
        deps.count("paidTooLate");
        return changes.enqueue([outcome.message]);
      }
      if (outcome.kind === "replacedGone") return deps.count("paidTooLate");
      if (outcome.kind === "ticketed") deps.count("ticketed");
      await confirm(outcome.order);
    });
  }

  /** Nothing where the new train does not run: a ticket that is good is not given up for it. */
  const replacedBy = (order: OrderRecord, replaced: OrderRecord | null) =>
    replaced && runsAll(order, deps.timetable()) ? replaced : null;

  /** Tickets that nobody pays, because the payment of those that they replace is enough. */
  /** Those that replace tickets of one order one after the other: each changes that order too, and many at once would outrun each other. */
  const carry = (orders: readonly OrderAccepted[]) =>
    someAtATime([...Map.groupBy(orders, ({ replaces }) => replaces!.orderId).values()], atATime, async (ofOne) => {
      for (const order of ofOne) await carryOne(order);
    });

  async function carryOne({ orderNo }: OrderAccepted) {
    const outcome = await change(orderNo, (order, replaced) => ({
      order,
      ...decideCarried(order, replacedBy(order, replaced), clock.now()),
    }));
    if (outcome?.kind === "ticketed") deps.count("ticketed");
    // Known of one that had been ticketed before, and of one that ended: its hold is given back elsewhere.
    const isTicketed = outcome?.kind === "ticketed" || outcome?.order.paymentNo;
    if (outcome && isTicketed) await confirm(outcome.order);
  }

  /** Also of a payment that is known: perhaps the step that ticketed its order failed before the seats were confirmed. */
  async function confirm(order: OrderRecord) {
    await reservations.paid([countsAsUnpaid(order)]);
    await inventory.confirm(holdsOf(order));
  }

  /** The payment may be that of another order, whose tickets these replaced. */
  const settle = (settlements: readonly RefundSettled[]) =>
    someAtATime(settlements, atATime, async (settled) => {
      await change(orderOfTicket(settled.ticketNo) ?? settled.orderNo, (order) => ({
        change: decideSettled(order, settled),
      }));
    });

  const free = (freed: readonly SeatsFreed[]) => someAtATime(freed, atATime, deps.free);

  /** Null where nobody knows the order. What can be changed a moment later is thrown, and the log brings the record again. */
  async function change<D extends Decision>(
    orderNo: string,
    decide: (order: OrderRecord, replaced: OrderRecord | null) => D,
  ): Promise<D | null> {
    const orderId = orderIdOf(orderNo);
    const made = orderId === null ? refuse("unknown" as const) : await changes.make(orderId, decide);
    if (made.ok) return made.value;
    if (made.error === "unknown") return null;
    throw new Error(`order ${orderNo} ${laterBecause[made.error]}`);
  }

  return [
    { ...consumer(writing.group, writing.topic, write), batchMax: 2 * batchMax, gatherMs },
    consumer("payment-consumer-group", "order-pay-topic", (captures, keys) => take(captures, keys, "order")),
    consumer("inventory-consumer-group", "inventory-update-topic", free),
    consumer("settlement-consumer-group", "payment-settled-topic", settle),
  ];
}

/** Who makes rows of accepted orders, and of which records. */
export const writing = { group: "order-consumer-group", topic: "order-create-topic" } as const;

/** As limits know an order that waits for its money. */
export const countsAsUnpaid = ({ orderId, userId, payBy }: OrderRecord) => ({ orderId, userId, unpaidUntil: payBy });
const runsOf = ({ lines }: OrderAccepted): RunId[] => lines.map(({ runId }) => runId);
const holdsOf = ({ orderId, lines }: Pick<OrderAccepted, "lines" | "orderId">): HoldName[] =>
  lines.map((line) => ({ runId: line.runId, holdId: orderId, line: holdLineOf(line) }));

const unpaid: Standing = { state: "pendingPayment", endedBecause: null };
const noStandings: ReadonlyMap<OrderId, KnownOrder> = new Map();

const laterBecause: Readonly<Record<Exclude<Unmade, "unknown">, string>> = {
  notWritten: "is not written yet",
  outrun: "is changed by others faster than it can be decided on",
};

const batchMax = 500;
/** While a sale is on, rows are written twenty times a second: one big transaction costs two thirds of ten small ones. */
const gatherMs = 50;

/** More would wait for the same few connections. */
const atATime = 16;

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

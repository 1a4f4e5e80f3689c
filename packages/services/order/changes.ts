/**
 * The one way to change an order that exists. It is read, decided on, and changed by compare-and-set on the version that was read; who
 * loses that race decides again on what has won. A change that is made is told: on the log, by records that are committed with it; to the
 * relay that carries them; to seats and limits; to those who follow the order. One that lost is told to nobody.
 */
import type { LogRecord, SeatsFreed } from "@chepiao/contracts";
import { type EpochMs, ok, type OrderId, refuse, type Result } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrderChange, OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import { recordsOfChange } from "./stateRecords.ts";
import type { FindOrder } from "./store.ts";
import type { DecidedChange } from "./transitions.ts";

export type ChangesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<OrderStore, "change" | "changeBoth" | "enqueue">;
  readonly find: FindOrder;
  readonly feed: Pick<OrderFeed, "changed">;
  /** Gives back seats and limits of tickets that ended. Doing it again changes nothing. */
  readonly free: (freed: SeatsFreed) => Promise<void>;
  /** Tells limits that an order waits for its money no more. */
  readonly paid: (order: OrderRecord) => Promise<void>;
  /** It let go of its seats without having been paid. Nobody waits for it, and it may be forgotten. */
  readonly endedUnpaid: (order: OrderRecord) => void;
  readonly kickOutbox: () => void;
  readonly report: (message: string, error: unknown) => void;
};

/** Whatever a decision says; where it says nothing of a change, none is made. */
export type Decision = {
  readonly change?: DecidedChange | null | undefined;
  /** Of the order that the changed one replaces tickets of: made in the same transaction, or neither is. */
  readonly together?: DecidedChange | undefined;
};

/** Why no decision was made on an order. What is not written, or outrun, can be tried again a moment later. */
export type Unmade = "unknown" | "notWritten" | "outrun";

export type Changes = {
  /**
   * Answers the decision that stands: its change was made, or it wanted none. `decide` changes nothing, and is called once more whenever
   * another change was quicker; what else it decides by it reads anew. Of an order that replaces tickets it is given the order that they are
   * of, too.
   */
  make<D extends Decision>(
    orderId: OrderId,
    decide: (order: OrderRecord, replaced: OrderRecord | null) => D | Promise<D>,
  ): Promise<Result<D, Unmade>>;
  /**
   * The changes of orders that were just read, in one transaction, for the job that looks for such orders again and again: one that loses
   * its race is not decided again, and what is freed is given back by way of the log. Answers the orders that were changed.
   */
  makeAll(
    orders: readonly OrderRecord[],
    decide: (order: OrderRecord) => DecidedChange | null,
  ): Promise<readonly OrderRecord[]>;
  /** Messages that must be sent although no order changes. */
  enqueue(messages: readonly LogRecord[]): Promise<void>;
};

/** A change that loses its race is decided again on what won; more often than this it is not bad luck. */
const attemptsMax = 5;

export function createChanges(deps: ChangesDeps): Changes {
  const { clock, store, find, feed, free, paid, kickOutbox, report } = deps;
  /** With what the log is told of it. */
  const told = (change: DecidedChange, now: EpochMs): OrderChange => ({
    order: change.order,
    freedSeats: change.freedSeats,
    messages: [...change.messages, ...recordsOfChange(change, now)],
    ...(change.mistake ? { mistake: change.mistake } : {}),
    ...(change.runRefund ? { runRefund: change.runRefund } : {}),
  });

  function commit(changes: readonly DecidedChange[]): Promise<boolean[]> {
    const now = clock.now();
    const all = changes.map((change) => told(change, now));
    return store.change(all, now);
  }

  async function commitOne(change: DecidedChange, together: DecidedChange | undefined): Promise<boolean> {
    if (!together) return (await commit([change]))[0]!;
    const now = clock.now();
    return store.changeBoth([told(change, now), told(together, now)], now);
  }

  async function make<D extends Decision>(
    orderId: OrderId,
    decide: (order: OrderRecord, replaced: OrderRecord | null) => D | Promise<D>,
  ): Promise<Result<D, Unmade>> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const order = await find(orderId);
      if (!order) return refuse("unknown");
      if (order.state === "accepted") return refuse("notWritten");
      const decision = await decide(order, order.replaces ? await find(order.replaces.orderId) : null);
      const { change, together } = decision;
      if (!change) return ok(decision);
      if (!(await commitOne(change, together))) continue;
      kickOutbox();
      for (const each of together ? [change, together] : [change]) {
        await freeAtOnce(each);
        tell(each);
      }
      return ok(decision);
    }
    return refuse("outrun");
  }

  /**
   * Who cancels or pays often buys again in the next breath, and should not meet his own old seats and limits. The message in the outbox does the
   * same once more, and alone if we die or fail here: what was changed is answered as changed.
   */
  async function freeAtOnce({ messages, steps, order }: DecidedChange) {
    try {
      if (steps.some(({ because }) => because === "paid")) await paid(order);
      for (const { topic, value } of messages) if (topic === "inventory-update-topic") await free(value);
    } catch (error) {
      report("seats or limits could not be told at once; the log does it", error);
    }
  }

  function tell({ order, freedSeats }: DecidedChange) {
    feed.changed(order.orderNo);
    if (freedSeats.some(({ unpaid }) => unpaid)) deps.endedUnpaid(order);
  }

  return {
    make,
    async makeAll(orders, decide) {
      const changes = orders.map(decide).filter((change) => change !== null);
      if (changes.length === 0) return [];
      const isMade = await commit(changes);
      const made = changes.filter((_, n) => isMade[n]);
      if (made.length > 0) kickOutbox();
      for (const change of made) tell(change);
      return made.map(({ order }) => order);
    },
    async enqueue(messages) {
      await store.enqueue(messages, clock.now());
      kickOutbox();
    },
  };
}

/**
 * What time alone does to orders: unpaid ones expire (I4), travelled ones are completed, seats of long ago are forgotten. Looks
 * into an index every second, which is sufficient; where there is a delay, it names most of the orders before they are looked for.
 * Each order is changed by compare-and-set, so a payment that is quicker wins, and so does whoever expires it first.
 */
import {
  addDays,
  dateOfDayNumber,
  dayMs,
  epochMs,
  ledgerKeptDays,
  limitsOutliveTripMs,
  minuteMs,
  type OrderId,
  secondMs,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrderChange, OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import { decideExpire, decideTravelled } from "./decide.ts";

export type SweepDeps = {
  readonly clock: Clock;
  readonly store: OrderStore;
  readonly reservations: Reservations;
  readonly feed: OrderFeed;
  readonly delay?: Pick<Delay, "listen">;
  readonly kickOutbox: () => void;
  readonly count: (what: "expired" | "completed", howMany: number) => void;
  readonly report: (message: string, error: unknown) => void;
};

const batchMax = 500;
/** Twenty-five thousand runs a day: more than any railway has. */
const runsAtOnce = 180;
const forgetEveryMs = 10 * minuteMs;

export function createSweeper(deps: SweepDeps) {
  const { clock, store } = deps;

  type Decide = (order: OrderRecord) => OrderChange | null;

  /** How many of these orders time had something to say about. */
  async function apply(what: "expired" | "completed", orders: readonly OrderRecord[], decide: Decide): Promise<number> {
    const changes = orders.map(decide).filter((change) => change !== null);
    if (changes.length === 0) return 0;
    const made = await store.change(changes, clock.now());
    deps.count(what, made.filter(Boolean).length);
    for (const { order } of changes) deps.feed.changed(order.orderNo);
    deps.kickOutbox();
    return changes.length;
  }

  /** Batch by batch, until nothing is found any more. */
  async function sweep(
    what: "expired" | "completed",
    find: () => Promise<readonly OrderRecord[]>,
    decide: Decide,
  ): Promise<void> {
    for (;;) {
      const found = await find();
      const changed = await apply(what, found, decide);
      if (changed === 0 || found.length < batchMax) return;
    }
  }

  const ifUnpaid: Decide = (order) => decideExpire(order, clock.now());

  const expire = () => sweep("expired", () => store.overdue(clock.now(), batchMax), ifUnpaid);

  /** The same for orders whose time is said to be over. It is looked up, because what comes back late may have been paid. */
  async function expireNamed(orderIds: readonly OrderId[]) {
    const orders = await Promise.all(orderIds.map((orderId) => store.load(orderId)));
    await apply(
      "expired",
      orders.filter((order) => order !== null),
      ifUnpaid,
    );
  }

  async function complete() {
    await sweep(
      "completed",
      () => store.travelled(clock.now(), batchMax),
      (order) => decideTravelled(order, clock.now()),
    );
    await deps.reservations.forgetBefore(epochMs(clock.now() - limitsOutliveTripMs));
  }

  /** Which zone's day it is does not matter so long after. */
  async function forget() {
    const today = dateOfDayNumber(Math.floor(clock.now() / dayMs));
    await store.forgetRuns(addDays(today, -ledgerKeptDays), runsAtOnce);
  }

  function repeat(everyMs: number, work: () => Promise<void>): () => void {
    let stopped = false;
    let cancel = () => {};
    const next = () => {
      if (!stopped) cancel = clock.after(everyMs, () => void run());
    };
    const run = async () => {
      try {
        await work();
      } catch (error) {
        deps.report("orders could not be swept; trying again", error);
      }
      next();
    };
    next();
    return () => {
      stopped = true;
      cancel();
    };
  }

  return {
    expire,
    complete,
    forget,
    start(): () => Promise<void> {
      const stops = [repeat(secondMs, expire), repeat(minuteMs, complete), repeat(forgetEveryMs, forget)];
      const named = deps.delay?.listen(expireNamed);
      return async () => {
        for (const stop of stops) stop();
        await named?.[Symbol.asyncDispose]();
      };
    },
  };
}

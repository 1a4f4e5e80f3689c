/**
 * What time alone does to orders: unpaid ones expire (I4, also when no delay message ever comes), travelled ones are completed.
 * Looks into an index every second; each order is changed by compare-and-set, so a payment that is quicker wins.
 */
import { epochMs, limitsOutliveTripMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrderChange, OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import { decideExpire, decideTravelled } from "./decide.ts";

export type SweepDeps = {
  readonly clock: Clock;
  readonly store: OrderStore;
  readonly reservations: Reservations;
  readonly feed: OrderFeed;
  readonly kickOutbox: () => void;
  readonly count: (what: "expired" | "completed", howMany: number) => void;
  readonly report: (message: string, error: unknown) => void;
};

const batchMax = 500;

export function createSweeper(deps: SweepDeps) {
  const { clock, store } = deps;

  /** Changes what was found, batch by batch, until nothing is found any more. */
  async function sweep(
    what: "expired" | "completed",
    find: () => Promise<readonly OrderRecord[]>,
    decide: (order: OrderRecord) => OrderChange | null,
  ) {
    for (;;) {
      const found = await find();
      const changes = found.map(decide).filter((change) => change !== null);
      if (changes.length === 0) return;
      const made = await store.change(changes, clock.now());
      deps.count(what, made.filter(Boolean).length);
      for (const { order } of changes) deps.feed.changed(order.orderNo);
      deps.kickOutbox();
      if (found.length < batchMax) return;
    }
  }

  const expire = () =>
    sweep(
      "expired",
      () => store.overdue(clock.now(), batchMax),
      (order) => decideExpire(order, clock.now()),
    );

  async function complete() {
    await sweep(
      "completed",
      () => store.travelled(clock.now(), batchMax),
      (order) => decideTravelled(order, clock.now()),
    );
    await deps.reservations.forgetBefore(epochMs(clock.now() - limitsOutliveTripMs));
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
    start(): () => void {
      const stops = [repeat(secondMs, expire), repeat(minuteMs, complete)];
      return () => stops.forEach((stop) => stop());
    },
  };
}

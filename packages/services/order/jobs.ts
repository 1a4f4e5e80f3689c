/**
 * What time alone does to orders: unpaid ones expire (I4), travelled ones are completed, seats of long ago are forgotten. Looks
 * into an index every second, which is sufficient; where there is a delay, it names most of the orders before they are looked for.
 * Each order is changed by compare-and-set, so a payment that is quicker wins, and so does the process that expires it first.
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
import type { OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import { beginAll, sweepingElection, type Work } from "@chepiao/room";
import type { Changes } from "./changes.ts";
import { decideExpire, decideTravelled } from "./decide.ts";
import type { DecidedChange } from "./transitions.ts";

export type JobsDeps = {
  readonly clock: Clock;
  readonly store: Pick<OrderStore, "overdue" | "travelled" | "load" | "forgetRuns">;
  readonly reservations: Pick<Reservations, "forgetBefore">;
  readonly changes: Pick<Changes, "makeAll">;
  readonly delay?: Pick<Delay, "listen">;
  readonly count: (what: "expired" | "completed", howMany: number) => void;
  readonly report: (message: string, error: unknown) => void;
};

const batchMax = 500;
/** Twenty-five thousand runs a day: more than any railway has. */
const runsAtOnce = 180;
const forgetEveryMs = 10 * minuteMs;

export function createJobs(deps: JobsDeps) {
  const { clock, store } = deps;

  type Decide = (order: OrderRecord) => DecidedChange | null;

  /** How many of these orders were changed. */
  async function apply(what: "expired" | "completed", orders: readonly OrderRecord[], decide: Decide): Promise<number> {
    const made = await deps.changes.makeAll(orders, decide);
    if (made.length > 0) deps.count(what, made.length);
    return made.length;
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

  const job = (name: string, everyMs: number, pass: () => Promise<void>): Work => ({
    kind: "job",
    name,
    electedAs: sweepingElection,
    everyMs,
    pass,
    failed: "orders could not be swept; trying again",
  });
  const work: Work[] = [
    job("unpaid orders", secondMs, expire),
    job("travelled orders", minuteMs, complete),
    job("seats of long ago", forgetEveryMs, forget),
  ];
  const { delay } = deps;
  if (delay)
    work.push({
      kind: "follower",
      name: "orders whose time is said to be over",
      electedAs: sweepingElection,
      begin() {
        const named = delay.listen(expireNamed);
        return () => named[Symbol.asyncDispose]();
      },
    });

  return { expire, complete, forget, work, start: () => beginAll(work, deps) };
}

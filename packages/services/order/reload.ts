/**
 * Waking up: what is kept in memory about sold seats, limits and keys is rebuilt from SQL, before a request is served. Everything
 * in the log must be in SQL by then.
 */
import {
  type HoldName,
  holdLineOf,
  type RecordedHold,
  type Run,
  type RunId,
  ticketsOf,
  type Timetable,
} from "@chepiao/contracts";
import {
  dateIn,
  type EpochMs,
  epochMs,
  holdGraceMs,
  idempotencyWindowMs,
  instantOfClock,
  limitsOutliveTripMs,
  orderNoOf,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  type KeyedOrder,
  type LiveLine,
  type LiveOrder,
  type OrderStore,
  seatHoldingStates,
} from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import type { Submission, Submissions } from "@chepiao/ports/submissions";
import { claimsOf } from "./reservation.ts";

export type ReloadDeps = {
  readonly clock: Clock;
  readonly store: OrderStore;
  readonly timetable: () => Timetable;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  /** Told of what cannot be put back, which should never be. */
  readonly report: (message: string) => void;
};

/** @param reloadSeats puts holds back into stock and answers those whose seats are taken */
export async function reloadOrders(
  { clock, store, timetable, reservations, submissions, report }: ReloadDeps,
  reloadSeats: (holds: readonly RecordedHold[]) => Promise<readonly HoldName[]>,
): Promise<void> {
  const now = clock.now();
  const railway = timetable();
  const runs = new Map<RunId, Run | null>();
  const runOf = ({ runId, trainNumber, originDate }: LiveLine): Run | null => {
    let run = runs.get(runId);
    if (run === undefined) runs.set(runId, (run = timetable().run(trainNumber, originDate)));
    return run;
  };
  for await (const page of store.live(epochMs(now - limitsOutliveTripMs))) {
    await reservations.reload(page.flatMap((order) => claimsOf(order, order.state, railway)));
    const holds: RecordedHold[] = [];
    for (const order of page) {
      if (!seatStates.includes(order.state)) continue;
      for (const line of order.lines) {
        if (line.arriveAt <= now) continue;
        const run = runOf(line);
        if (run) holds.push(holdOf(order, line, run));
        else report(`order ${orderNoOf(order.orderId)} is for run ${line.runId}, which the timetable does not know`);
      }
    }
    for (const { holdId, runId } of await reloadSeats(holds))
      report(`the seats of order ${orderNoOf(holdId)} on ${runId} were taken when the platform woke up`);
  }
  for await (const page of store.unpaidSince(dayBegan(now, railway.zone))) {
    await reservations.restoreUnpaid(page.flatMap((order) => claimsOf(order, order.state, railway)));
  }
  for await (const page of store.createdSince(epochMs(now - idempotencyWindowMs))) {
    await submissions.reload(submissionsOf(page));
  }
}

/** What is held of some runs, as the orders in SQL know it, for commands beside a platform: what is accepted and not yet written is not in it. */
export async function holdsOfRuns(
  {
    store,
    timetable,
    clock,
  }: Pick<ReloadDeps, "timetable"> & { readonly store: Pick<OrderStore, "live">; readonly clock: Pick<Clock, "now"> },
  runIds: ReadonlySet<RunId>,
): Promise<RecordedHold[]> {
  const holds: RecordedHold[] = [];
  for await (const page of runIds.size === 0 ? [] : store.live(clock.now()))
    for (const order of page)
      for (const line of seatStates.includes(order.state) ? order.lines : []) {
        const run = runIds.has(line.runId) ? timetable().run(line.trainNumber, line.originDate) : null;
        if (run) holds.push(holdOf(order, line, run));
      }
  return holds;
}

/** Orders that ended unpaid count on the day on which they were bought. */
export const dayBegan = (now: EpochMs, zone: ZoneName): EpochMs => instantOfClock(dateIn(zone, now), 0, zone);

export const submissionsOf = (orders: readonly KeyedOrder[]): Submission[] =>
  orders.map(({ userId, idempotencyKey, requestHash, orderId, acceptedAt }) => ({
    userId,
    key: idempotencyKey,
    requestHash,
    orderId,
    at: acceptedAt,
  }));

const seatStates: readonly string[] = seatHoldingStates;

function holdOf(order: LiveOrder, line: LiveLine, run: Run): RecordedHold {
  return {
    holdId: order.orderId,
    line: holdLineOf(line),
    run,
    seatClass: line.seatClass,
    fromStop: line.fromStop,
    toStop: line.toStop,
    seatIndexes: ticketsOf(order, line).map(({ seatIndex }) => seatIndex),
    deadline: order.state === "pendingPayment" ? epochMs(order.payBy + holdGraceMs) : null,
  };
}

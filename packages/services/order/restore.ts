/**
 * Waking up: what is kept in memory about sold seats, limits and keys is rebuilt from SQL, before anybody is served. Everything
 * in the log must be in SQL by then.
 */
import type { RestoredHold, Run, RunId, Timetable } from "@chepiao/contracts";
import {
  epochMs,
  holdGraceMs,
  idempotencyWindowMs,
  limitsOutliveTripMs,
  type OrderId,
  orderNoOf,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type KeyedOrder, type LiveOrder, type OrderStore, seatHoldingStates } from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import type { Submission, Submissions } from "@chepiao/ports/submissions";
import { claimOf } from "./claim.ts";

export type RestoreDeps = {
  readonly clock: Clock;
  readonly store: OrderStore;
  readonly timetable: () => Timetable;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  /** Told of what cannot be put back, which should never be. */
  readonly report: (message: string) => void;
};

/** @param restoreSeats puts holds back into stock and answers those whose seats are taken */
export async function restoreOrders(
  { clock, store, timetable, reservations, submissions, report }: RestoreDeps,
  restoreSeats: (holds: readonly RestoredHold[]) => Promise<readonly OrderId[]>,
): Promise<void> {
  const now = clock.now();
  const runs = new Map<RunId, Run | null>();
  const runOf = ({ runId, trainNumber, originDate }: LiveOrder): Run | null => {
    let run = runs.get(runId);
    if (run === undefined) runs.set(runId, (run = timetable().run(trainNumber, originDate)));
    return run;
  };
  for await (const page of store.live(epochMs(now - limitsOutliveTripMs))) {
    await reservations.restore(page.map(claimOf));
    const holding = page.filter(({ state, arriveAt }) => arriveAt > now && seatStates.includes(state));
    const holds = holding.map((order) => holdOf(order, runOf(order)));
    for (const [n, hold] of holds.entries()) {
      if (hold) continue;
      const { orderId, runId } = holding[n]!;
      report(`order ${orderNoOf(orderId)} is for run ${runId}, which the timetable does not know`);
    }
    const lost = await restoreSeats(holds.filter((hold) => hold !== null));
    for (const orderId of lost) report(`the seats of order ${orderNoOf(orderId)} were taken when the platform woke up`);
  }
  for await (const page of store.createdSince(epochMs(now - idempotencyWindowMs))) {
    await submissions.restore(submissionsOf(page));
  }
}

export const submissionsOf = (orders: readonly KeyedOrder[]): Submission[] =>
  orders.map(({ userId, idempotencyKey, requestHash, orderId, acceptedAt }) => ({
    userId,
    key: idempotencyKey,
    requestHash,
    orderId,
    at: acceptedAt,
  }));

const seatStates: readonly string[] = seatHoldingStates;

function holdOf(order: LiveOrder, run: Run | null): RestoredHold | null {
  if (!run) return null;
  return {
    holdId: order.orderId,
    run,
    seatClass: order.seatClass,
    fromStop: order.fromStop,
    toStop: order.toStop,
    seatIndexes: order.tickets.filter(({ state }) => state !== "used").map(({ seatIndex }) => seatIndex),
    deadline: order.state === "pendingPayment" ? epochMs(order.payBy + holdGraceMs) : null,
  };
}

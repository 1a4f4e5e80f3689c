/**
 * Orders on runs that an operator has cancelled or shortened: tickets go back without a fee, and what waits for its money ends. Pass after pass
 * looks for orders that still have seats there, so it does not matter where one ended, who died in between, or that an order was only just written:
 * nobody is left out, and what has gone back is not found again.
 */
import type { RunNotRun } from "@chepiao/contracts";
import { epochMs, type OrderId, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderStore } from "@chepiao/ports/order-store";
import { type CancelledRun, createCancelledRuns, type RunStateStore } from "@chepiao/ports/run-states";
import { sweepingElection, type Work } from "@chepiao/room";
import type { Changes, Unmade } from "./changes.ts";
import { decideRunCancelled } from "./decide.ts";

export type RunRefundsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly runStates: Pick<RunStateStore, "read" | "version">;
  readonly store: Pick<OrderStore, "holdersOn" | "noteRunRefundFailed">;
  readonly changes: Pick<Changes, "make">;
  readonly count: (what: "runRefunded") => void;
  readonly report: (message: string, error?: unknown) => void;
};

const everyMs = 2 * secondMs;
/** Before each of these it is asked whether the cancellation still stands. */
const atATime = 16;

const failures: Readonly<Record<Unmade, string>> = {
  unknown: "it is not there",
  notWritten: "it is not written yet",
  outrun: "it is changed by others faster than it can be decided on",
};

const saidOf = ({ runId, skipped, at }: CancelledRun): RunNotRun => ({
  runId,
  isShortened: skipped !== null,
  saidAt: at,
});

export function createRunRefunds({ clock, runStates, store, changes, count, report }: RunRefundsDeps) {
  const cancelledRuns = createCancelledRuns(runStates);

  const stands = async ({ runId, at }: CancelledRun) =>
    (await cancelledRuns.now()).some((run) => run.runId === runId && run.at === at && !run.isRestoring);

  async function refund(run: CancelledRun, orderId: OrderId): Promise<void> {
    const { runId, refundsFrom } = run;
    let why: string;
    try {
      const made = await changes.make(orderId, (order) => {
        const isChoosing = order.state !== "pendingPayment" && clock.now() < refundsFrom;
        const change = isChoosing ? null : decideRunCancelled(order, run);
        return { change: change && { ...change, notRun: saidOf(run) } };
      });
      if (made.ok) return made.value.change ? count("runRefunded") : undefined;
      why = failures[made.error];
    } catch (error) {
      report(`an order on run ${runId}, which does not run, could not be refunded; trying again`, error);
      why = error instanceof Error ? error.message : String(error);
    }
    await store.noteRunRefundFailed(runId, orderId, why, clock.now());
  }

  async function goThrough(run: CancelledRun): Promise<void> {
    const orderIds = await store.holdersOn(run.runId, run.skipped);
    for (let next = 0; next < orderIds.length; next += atATime) {
      if (!(await stands(run))) return;
      const some = orderIds.slice(next, next + atATime);
      await Promise.all(some.map((orderId) => refund(run, orderId)));
    }
    cancelledRuns.lookedAt(run.runId, clock.now());
  }

  async function pass(): Promise<void> {
    for (const run of await cancelledRuns.due(epochMs(clock.now()))) await goThrough(run);
  }

  const work: Work = {
    kind: "job",
    name: "orders on cancelled runs",
    electedAs: sweepingElection,
    everyMs,
    pass,
    failed: "orders on cancelled runs could not be refunded; trying again",
  };
  return { pass, work };
}

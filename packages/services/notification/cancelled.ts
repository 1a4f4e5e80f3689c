/**
 * Who has tickets of a train that an operator has cancelled or shortened is told, pass after pass, also where the money waits until people have
 * chosen another train. Those whose tickets went back first are told by that change: it makes the same notification.
 */
import type { OrderClient } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type CancelledRun, createCancelledRuns, type RunStateStore } from "@chepiao/ports/run-states";
import { toldOfRun } from "./decide.ts";
import type { Tell } from "./telling.ts";

export type CancelledDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly runStates: Pick<RunStateStore, "read" | "version">;
  readonly orders: Pick<OrderClient, "told" | "holdersOn">;
  readonly tell: Tell;
  readonly count: (what: "told", howMany: number) => void;
};

const atATime = 200;

export function createCancelled({ clock, runStates, orders, tell, count }: CancelledDeps) {
  const cancelledRuns = createCancelledRuns(runStates);
  /** By run and by when it was said: whoever was told by this process is not looked up again. */
  const toldOn = new Map<string, Set<OrderId>>();

  async function tellHolders({ runId, skipped, at }: CancelledRun, key: string) {
    const told = toldOn.get(key) ?? new Set<OrderId>();
    const orderIds = (await orders.holdersOn(runId, skipped)).filter((orderId) => !told.has(orderId));
    for (let first = 0; first < orderIds.length; first += atATime) {
      const some = orderIds.slice(first, first + atATime);
      const holders = (await Promise.all(some.map((orderId) => orders.told(orderId)))).filter(
        (order) => order !== null,
      );
      const notRun = { runId, isShortened: skipped !== null, saidAt: at };
      await tell(holders.map((order) => toldOfRun(notRun, order, at)));
      count("told", holders.length);
      for (const orderId of some) told.add(orderId);
    }
    toldOn.set(key, told);
    cancelledRuns.lookedAt(runId, clock.now());
  }

  return async function pass(): Promise<void> {
    const keyOf = ({ runId, at }: CancelledRun) => `${runId} ${at}`;
    for (const run of await cancelledRuns.due(clock.now())) await tellHolders(run, keyOf(run));
    const standing = new Set((await cancelledRuns.now()).map(keyOf));
    for (const key of toldOn.keys()) if (!standing.has(key)) toldOn.delete(key);
  };
}

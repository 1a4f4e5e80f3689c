/**
 * Who sat in a coach that his train has lost, and was refused another seat for want of one, is told once. That he is given one after all is told by
 * the order into which his ticket goes.
 */
import { areNoSeats, type OrderClient, type RunId } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { NewNotification } from "@chepiao/ports/notification-store";
import {
  hasLost,
  type ReseatResult,
  type WithdrawnCoaches,
  type WithdrawnCoachStore,
} from "@chepiao/ports/withdrawn-coaches";
import { seatlessSince, toldOfLostSeat } from "./decide.ts";
import type { Tell } from "./telling.ts";

export type LostSeatsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "all" | "reseats" | "version">;
  readonly orders: Pick<OrderClient, "told">;
  readonly notificationsKeptMs: number;
  readonly tell: Tell;
  readonly count: (what: "told", howMany: number) => void;
};

const atATime = 50;

export function createLostSeats(deps: LostSeatsDeps) {
  const { clock, withdrawnCoaches, orders, notificationsKeptMs, tell, count } = deps;
  let version = 0;
  let lostOn: readonly WithdrawnCoaches[] = [];
  /** By run, up to which refusal each order was looked up: who was told is not again, and who was not only where he is refused once more. */
  const lookedUpOn = new Map<RunId, Map<OrderId, number>>();

  async function runsNow(): Promise<readonly WithdrawnCoaches[]> {
    if ((await withdrawnCoaches.version()) === version) return lostOn;
    const { version: newest, runs } = await withdrawnCoaches.all();
    lostOn = runs.filter(hasLost);
    version = newest;
    const standing = new Set(lostOn.map(({ runId }) => runId));
    for (const runId of lookedUpOn.keys()) if (!standing.has(runId)) lookedUpOn.delete(runId);
    return lostOn;
  }

  async function ofResult(run: WithdrawnCoaches, result: ReseatResult): Promise<NewNotification | null> {
    const order = await orders.told(result.orderId);
    const now = clock.now();
    const since = order && seatlessSince(run, result, order, now);
    // Of what is longer ago, that it was told is forgotten.
    if (!order || since === null || since <= now - notificationsKeptMs) return null;
    return toldOfLostSeat(run.runId, order, since);
  }

  return async function pass(): Promise<void> {
    for (const run of await runsNow()) {
      const lookedUp = lookedUpOn.get(run.runId) ?? new Map<OrderId, number>();
      lookedUpOn.set(run.runId, lookedUp);
      const results = await withdrawnCoaches.reseats(run.runId);
      const refused = results.filter(
        ({ orderId, why, at }) => why !== null && areNoSeats({ code: why }) && at > (lookedUp.get(orderId) ?? 0),
      );
      for (let first = 0; first < refused.length; first += atATime) {
        const some = refused.slice(first, first + atATime);
        const found = await Promise.all(some.map((each) => ofResult(run, each)));
        const notifications = found.flatMap((each) => each ?? []);
        await tell(notifications);
        count("told", notifications.length);
        for (const [n, { orderId, at }] of some.entries()) lookedUp.set(orderId, found[n] ? Infinity : at);
      }
    }
  };
}

/**
 * Who sat in a coach that his train has lost, and was refused another seat for want of one, is told once. That he is given one after all is told by
 * the order into which his ticket goes.
 */
import { areNoSeats, type OrderClient, type RunId } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { NewNotification } from "@chepiao/ports/notification-store";
import type { ReseatResult, WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { toldOfLostSeat } from "./decide.ts";
import type { Tell } from "./telling.ts";

export type LostSeatsDeps = {
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "all" | "reseats" | "version">;
  readonly orders: Pick<OrderClient, "told">;
  readonly tell: Tell;
  readonly count: (what: "told", howMany: number) => void;
};

const atATime = 50;

export function createLostSeats({ withdrawnCoaches, orders, tell, count }: LostSeatsDeps) {
  let version = 0;
  let lostOn: readonly RunId[] = [];
  /** By run: whoever was told by this process is not looked up again. */
  const toldOn = new Map<RunId, Set<OrderId>>();

  async function runsNow(): Promise<readonly RunId[]> {
    if ((await withdrawnCoaches.version()) === version) return lostOn;
    const { version: newest, runs } = await withdrawnCoaches.all();
    lostOn = runs.filter(({ lost }) => lost.length > 0).map(({ runId }) => runId);
    version = newest;
    for (const runId of toldOn.keys()) if (!lostOn.includes(runId)) toldOn.delete(runId);
    return lostOn;
  }

  /** A ticket that went back since needs no seat. */
  async function ofResult(runId: RunId, { orderId, ticketNos, at }: ReseatResult): Promise<NewNotification[]> {
    const order = await orders.told(orderId);
    if (order === null) return [];
    const isLeft = order.tickets.some(({ ticketNo, refundFen }) => ticketNos.includes(ticketNo) && refundFen === null);
    return isLeft ? [toldOfLostSeat(runId, order, at)] : [];
  }

  return async function pass(): Promise<void> {
    for (const runId of await runsNow()) {
      const told = toldOn.get(runId) ?? new Set<OrderId>();
      toldOn.set(runId, told);
      const results = await withdrawnCoaches.reseats(runId);
      const refused = results.filter(
        ({ orderId, why }) => why !== null && areNoSeats({ code: why }) && !told.has(orderId),
      );
      for (let first = 0; first < refused.length; first += atATime) {
        const some = refused.slice(first, first + atATime);
        const notifications = (await Promise.all(some.map((each) => ofResult(runId, each)))).flat();
        await tell(notifications);
        count("told", notifications.length);
        for (const { orderId } of some) told.add(orderId);
      }
    }
  };
}

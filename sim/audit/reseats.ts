/** Of trains that run without a coach: who has a seat there is given another, wherever there is one. */
import { lineOf, type OrderLine, seatsOf, trainAndDateOf } from "@chepiao/contracts";
import { minuteMs } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { Sold } from "./entries.ts";
import { liveTickets } from "./orders.ts";
import type { Taken } from "./quotas.ts";
import type { WithdrawnBook } from "./withdrawn.ts";

/** Who found no seat is asked for again within that. */
const seatedWithinMs = 2 * minuteMs;

type SoldOf = Sold & { readonly isCancelled: (line: OrderLine) => boolean };

/** I1: after a quiet moment nobody sits in a coach that his train has lost while a seat of his class is free for his way. */
export function nobodySitsInLostCoaches(
  orders: readonly OrderRecord[],
  { timetable, withdrawn, now, isCancelled }: SoldOf,
): string[] {
  const live = liveTickets(orders);
  const wrong: string[] = [];
  for (const order of orders.filter(({ state }) => state === "ticketed"))
    for (const ticket of order.tickets) {
      const line = lineOf(order, ticket);
      const { runId, seatClass, fromStop, toStop } = line;
      const isLost = withdrawn.isLost(line, ticket);
      if (!isLost || ticket.state !== "issued" || line.departAt < now + seatedWithinMs || isCancelled(line)) continue;
      const run = timetable.run(...trainAndDateOf(runId))!;
      const taken = live
        .filter((each) => each.line.runId === runId)
        .map((each): Taken => ({ ...each.line, seatIndexes: [each.ticket.seatIndex] }));
      const inTheWay = taken.filter(
        (each) => each.seatClass === seatClass && each.fromStop < toStop && fromStop < each.toStop,
      );
      const gone = new Set(inTheWay.flatMap(({ seatIndexes }) => seatIndexes)).union(withdrawn.latest(run, seatClass));
      const free = seatsOf(run.train.composition).get(seatClass)!.length - gone.size;
      if (free > 0)
        wrong.push(
          `I1: ${ticket.ticketNo} has a seat in coach ${ticket.coachNo}, which ${runId} has not, while ${free} are free for it`,
        );
    }
  return wrong;
}

/** I3: a ticket that became another because its coach was lost had its seat in a lost coach, and no fee was kept of it. */
export function reseatsAreOwed(orders: readonly OrderRecord[], withdrawn: Pick<WithdrawnBook, "wasLost">): string[] {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  return orders.flatMap(({ orderNo, replaces }) => {
    if (replaces?.because !== "coachLost") return [];
    const old = byId.get(replaces.orderId);
    return replaces.tickets.flatMap(({ ticketNo, feeFen }) => {
      const before = old?.tickets.find((ticket) => ticket.ticketNo === ticketNo);
      if (!before || !withdrawn.wasLost(lineOf(old!, before), before))
        return [`I3: ${orderNo} replaces ${ticketNo}, whose coach was never lost`];
      return feeFen > 0 ? [`I3: ${orderNo} keeps a fee of ${ticketNo}, whose coach was lost`] : [];
    });
  });
}

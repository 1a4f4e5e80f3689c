/**
 * Limits and keys of what is sold, told again to stores that may have lost them, while people buy. What is known there stays as it
 * is. An order may end between being read and being told, when nobody there knew of it to give back: so after each page the orders
 * are read once more, and what ended is given back.
 */
import type { OrderAccepted } from "@chepiao/contracts";
import { epochMs, idempotencyWindowMs, limitsOutliveTripMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  isTripState,
  type LiveOrder,
  liveOrderOf,
  type LiveTicket,
  type OrderRecord,
  type OrdersOfRuns,
  type OrderStore,
  tripClaimsOf,
  unpaidStates,
} from "@chepiao/ports/order-store";
import type { Reservations, TripClaim } from "@chepiao/ports/reservations";
import type { Submissions } from "@chepiao/ports/submissions";
import { claimsOf, type DaysAndRuns } from "./reservation.ts";
import { countsAsUnpaid } from "./consume.ts";
import { dayBegan, submissionsOf } from "./reload.ts";

export type RepairDeps = {
  readonly clock: Clock;
  readonly store: Pick<OrderStore, "live" | "unpaidSince" | "createdSince">;
  readonly timetable: () => DaysAndRuns;
  readonly orders: Pick<OrdersOfRuns, "some">;
  readonly reservations: Pick<Reservations, "reload" | "restoreUnpaid" | "release" | "endUnpaid" | "paid">;
  readonly submissions: Pick<Submissions, "reload">;
};

/** After each page, of how many orders the limits were told. */
export async function* repairLimits(deps: RepairDeps): AsyncIterable<number> {
  const { clock, store, timetable, reservations } = deps;
  const railway = timetable();
  let count = 0;
  for await (const page of store.live(epochMs(clock.now() - limitsOutliveTripMs))) {
    await tellLimits(deps, page);
    yield (count += page.length);
  }
  for await (const page of store.unpaidSince(dayBegan(clock.now(), railway.zone))) {
    await reservations.restoreUnpaid(page.flatMap((order) => claimsOf(order, order.state, railway)));
    yield (count += page.length);
  }
}

type TellDeps = Pick<RepairDeps, "orders" | "reservations" | "timetable">;

/** What those orders count for, as they were read just now. */
async function tellLimits({ orders, reservations, timetable }: TellDeps, read: readonly LiveOrder[]): Promise<void> {
  const railway = timetable();
  await reservations.reload(read.flatMap((order) => claimsOf(order, order.state, railway)));
  const now = new Map((await orders.some(read.map(({ orderId }) => orderId))).map((each) => [each.orderId, each]));
  for (const before of read) {
    const order = now.get(before.orderId);
    const ended = endedTickets(before, order);
    if (isUnpaid(order)) await reservations.endUnpaid(before.orderId);
    else if (ended.length > 0) await giveBack(reservations, before, ended);
    else if (order && order.state !== "pendingPayment" && before.state === "pendingPayment")
      await reservations.paid([countsAsUnpaid(order)]);
  }
}

async function giveBack(
  reservations: Pick<Reservations, "release">,
  { orderId }: LiveOrder,
  tickets: readonly LiveTicket[],
) {
  for (const [line, ofLine] of Map.groupBy(tickets, (ticket) => ticket.line))
    await reservations.release(
      { orderId, line },
      ofLine.map(({ ticketNo }) => ticketNo),
    );
}

/** What stands in the way of an order that was refused when it was written: the limits had let it pass, so they have forgotten that. */
export async function repairLimitsFor(
  deps: TellDeps & { readonly orders: OrdersOfRuns },
  refused: OrderAccepted,
): Promise<void> {
  const inTheWayOf = async (line: TripClaim) => {
    const ofAccount = (await deps.orders.ofRun(line.runId)).filter(({ userId }) => userId === refused.userId);
    return [...(await deps.orders.ofTravellers(line)), ...ofAccount];
  };
  const inTheWay = (await Promise.all(tripClaimsOf(refused).map(inTheWayOf)))
    .flat()
    .filter(({ state }) => isTripState(state));
  await tellLimits(deps, inTheWay.map(liveOrderOf));
}

/** After each page, of how many orders the keys were told. */
export async function* repairKeys({ clock, store, submissions }: RepairDeps): AsyncIterable<number> {
  let count = 0;
  for await (const page of store.createdSince(epochMs(clock.now() - idempotencyWindowMs))) {
    await submissions.reload(submissionsOf(page));
    yield (count += page.length);
  }
}

const isUnpaid = (order: OrderRecord | undefined) =>
  (unpaidStates as readonly (string | undefined)[]).includes(order?.state);

function endedTickets(before: LiveOrder, now: OrderRecord | undefined): LiveTicket[] {
  if (!now) return [];
  const live = new Set(isTripState(now.state) ? liveOrderOf(now).tickets.map(({ ticketNo }) => ticketNo) : []);
  return before.tickets.filter(({ ticketNo }) => !live.has(ticketNo));
}

/**
 * Limits and keys of what is sold, told again to stores that may have lost them, while people buy. What is known there stays as it
 * is. An order may end between being read and being told, when nobody there knew of it to give back: so after each page the orders
 * are read once more, and what ended is given back.
 */
import { epochMs, idempotencyWindowMs, limitsOutliveTripMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  isTripState,
  type LiveOrder,
  liveOrderOf,
  type OrderRecord,
  type OrdersOfRuns,
  type OrderStore,
} from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import type { Submissions } from "@chepiao/ports/submissions";
import { claimOf } from "./claim.ts";
import { submissionsOf } from "./restore.ts";

export type RecoverDeps = {
  readonly clock: Clock;
  readonly store: Pick<OrderStore, "live" | "createdSince">;
  readonly orders: Pick<OrdersOfRuns, "some">;
  readonly reservations: Pick<Reservations, "restore" | "giveBack">;
  readonly submissions: Pick<Submissions, "restore">;
};

/** After each page, of how many orders the limits were told. */
export async function* recoverLimits({ clock, store, orders, reservations }: RecoverDeps): AsyncIterable<number> {
  let count = 0;
  for await (const page of store.live(epochMs(clock.now() - limitsOutliveTripMs))) {
    await reservations.restore(page.map(claimOf));
    const now = new Map((await orders.some(page.map(({ orderId }) => orderId))).map((each) => [each.orderId, each]));
    for (const before of page) {
      const ended = endedTickets(before, now.get(before.orderId));
      if (ended.length > 0) await reservations.giveBack(before.orderId, ended);
    }
    yield (count += page.length);
  }
}

/** After each page, of how many orders the keys were told. */
export async function* recoverKeys({ clock, store, submissions }: RecoverDeps): AsyncIterable<number> {
  let count = 0;
  for await (const page of store.createdSince(epochMs(clock.now() - idempotencyWindowMs))) {
    await submissions.restore(submissionsOf(page));
    yield (count += page.length);
  }
}

function endedTickets(before: LiveOrder, now: OrderRecord | undefined): string[] {
  if (!now) return [];
  const live = new Set(isTripState(now.state) ? liveOrderOf(now).tickets.map(({ ticketNo }) => ticketNo) : []);
  return before.tickets.map(({ ticketNo }) => ticketNo).filter((ticketNo) => !live.has(ticketNo));
}

/** How far an act on a run has come: what became of each order, as the orders say it now. */
import { lineOf, type RunId } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { OrderRecord, RunRefundResult, TicketRecord } from "@chepiao/ports/order-store";
import type { CancelledRun } from "@chepiao/ports/run-states";
import { hasLost, lostSince, type ReseatResult, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import type { RunDeps } from "./deps.ts";
import { loadOrders, ordersOn, waitingFor } from "./effect.ts";
import { isInside, partiesOf } from "./parties.ts";
import { withdrawnOf } from "./withdraw.ts";
import { standing } from "./words.ts";

export type RefundProgress = {
  readonly cancelled: CancelledRun;
  /** One for each order of which something went back, or could not. */
  readonly results: readonly RunRefundResult[];
  /** Orders that still have tickets for what does not run. */
  readonly left: readonly OrderId[];
  readonly waiting: number;
};

/** Null where no operator has cancelled or shortened it. */
export async function refundProgress(deps: RunDeps, run: RunId): Promise<RefundProgress | null> {
  const cancelled = await standing(deps, run);
  if (!cancelled) return null;
  const results = await deps.orders.runRefunds(run);
  const left = await deps.orders.holdersOn(run, cancelled.skipped);
  return { cancelled, results, left, waiting: await waitingFor(deps.waitlist, cancelled) };
}

export type Reseated = {
  readonly orderNo: string;
  readonly tickets: Record<"gone" | "inside" | "moved" | "still", number>;
  /** The orders in which its tickets are now. */
  readonly into: readonly string[];
  readonly why: string | null;
};

export type ReseatProgress = {
  readonly withdrawn: WithdrawnCoaches;
  /** Tickets that still have seats in lost coaches, by coach. */
  readonly inCoach: ReadonlyMap<number, number>;
  /** Those with seats that the train has not had since it was exchanged. */
  readonly elsewhere: number;
  readonly rows: readonly Reseated[];
};

/** Null where the train is as it was sold. */
export async function reseatProgress(deps: RunDeps, run: RunId): Promise<ReseatProgress | null> {
  const { withdrawn } = await withdrawnOf(deps, run);
  if (!hasLost(withdrawn)) return null;
  const left = await seatsLeftIn(deps, withdrawn);
  const rows = await outcomesOf(deps, await deps.withdrawnCoaches.reseats(run), withdrawn);
  return { withdrawn, ...left, rows };
}

async function seatsLeftIn(deps: RunDeps, withdrawn: WithdrawnCoaches) {
  const inCoach = new Map<number, number>();
  let elsewhere = 0;
  for (const order of await ordersOn(deps.orders, { runId: withdrawn.runId, skipped: null })) {
    const byNo = new Map(order.tickets.map((ticket) => [ticket.ticketNo, ticket]));
    for (const { ticketNo } of partiesOf(order, withdrawn.runId).flatMap(({ tickets }) => tickets)) {
      const ticket = byNo.get(ticketNo)!;
      const { coachNo } = ticket;
      if (lostSince({ ...withdrawn, lost: [] }, lineOf(order, ticket), ticket) !== null) elsewhere++;
      else if (withdrawn.lost.some(({ no }) => no === coachNo)) inCoach.set(coachNo, (inCoach.get(coachNo) ?? 0) + 1);
    }
  }
  return { inCoach, elsewhere };
}

/** As the orders say it now: whoever died between a change and its row has left nobody out. */
async function outcomesOf(
  { orders }: RunDeps,
  results: readonly ReseatResult[],
  withdrawn: WithdrawnCoaches,
): Promise<Reseated[]> {
  const byId = new Map(results.map((result) => [result.orderId, result]));
  const isLost = (order: OrderRecord, ticket: TicketRecord) =>
    lostSince(withdrawn, lineOf(order, ticket), ticket) !== null;
  return (await loadOrders(orders, [...byId.keys()])).flatMap((order) => {
    const { ticketNos, why } = byId.get(order.orderId)!;
    const tickets = { moved: 0, gone: 0, inside: 0, still: 0 };
    // Who did not move from a seat that the train has again has the seat that he had.
    const own = order.tickets
      .filter(({ ticketNo }) => ticketNos.includes(ticketNo))
      .map((ticket) => ({ ticket, outcome: outcomeOf(order, ticket) }))
      .filter(({ ticket, outcome }) => outcome !== "still" || isLost(order, ticket));
    for (const { outcome } of own) tickets[outcome]++;
    const into = [...new Set(own.flatMap(({ ticket }) => ticket.replacedBy ?? []))];
    return own.length > 0 ? [{ orderNo: order.orderNo, tickets, into, why }] : [];
  });
}

function outcomeOf(order: OrderRecord, ticket: TicketRecord): keyof Reseated["tickets"] {
  if (ticket.state === "changed") return "moved";
  if (ticket.state === "refunding" || ticket.state === "refunded") return "gone";
  return isInside(order, ticket) ? "inside" : "still";
}

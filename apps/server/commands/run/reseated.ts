/** What became of everybody who had a seat in a coach that the train has lost: a row for each order. */
import type { RunId } from "@chepiao/contracts";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import type { ReseatResult } from "@chepiao/ports/withdrawn-coaches";
import { table } from "../table.ts";
import { loadOrders, ordersOn } from "./effect.ts";
import { isInside, partiesOf } from "./parties.ts";
import type { RunStores } from "./stores.ts";
import { withdrawnOf } from "./withdraw.ts";

/** Without being asked for all of them. */
const rowsSaid = 20;

type Say = (line: string) => void;

/** Nothing where the train has all of its coaches. */
export async function sayReseats(stores: RunStores, run: RunId, isWhole: boolean, say: Say): Promise<void> {
  const { lost } = (await withdrawnOf(stores, run)).withdrawn;
  if (lost.length === 0) return;
  const nos = lost.map(({ no }) => no);
  const left = await seatsLeftIn(stores, run, nos);
  const counts = nos.map((no) => `${left.get(no) ?? 0} in coach ${no}`);
  say(`${run} runs without coach ${nos.join(", ")}: tickets that still have seats there: ${counts.join(", ")}.`);
  const rows = await outcomesOf(stores, await stores.withdrawnCoaches.reseats(run), new Set(nos));
  if (rows.length === 0) return;
  const sum = (what: keyof Outcome["tickets"]) => String(rows.reduce((all, { tickets }) => all + tickets[what], 0));
  say(
    `Orders that had seats there: ${rows.length}. Their tickets: ${sum("moved")} became others, ${sum("gone")} were given back, ` +
      `${sum("inside")} are inside, ${sum("still")} have no other seat.`,
  );
  const shown = isWhole ? rows : rows.filter(({ tickets }) => tickets.still > 0).slice(0, rowsSaid);
  if (shown.length === 0) return;
  const lines = shown.map(({ orderNo, tickets: { moved, gone, inside, still }, why, into }) => [
    orderNo,
    ...[moved, gone, inside, still].map(String),
    into.join(" "),
    still > 0 ? (why ?? "") : "",
  ]);
  const head = ["order", "became others", "given back", "inside", "no other seat", "now in", "why not"];
  for (const line of table([head, ...lines])) say(`  ${line}`);
  if (!isWhole) say("A row for each order: --orders");
}

async function seatsLeftIn(stores: RunStores, run: RunId, nos: readonly number[]): Promise<Map<number, number>> {
  const seats = new Map<number, number>();
  for (const order of await ordersOn(stores.orders, { runId: run, skipped: null })) {
    const coachOf = new Map(order.tickets.map(({ ticketNo, coachNo }) => [ticketNo, coachNo]));
    for (const { ticketNo } of partiesOf(order, run).flatMap(({ tickets }) => tickets)) {
      const no = coachOf.get(ticketNo)!;
      if (nos.includes(no)) seats.set(no, (seats.get(no) ?? 0) + 1);
    }
  }
  return seats;
}

type Outcome = {
  readonly orderNo: string;
  readonly tickets: Record<"gone" | "inside" | "moved" | "still", number>;
  /** The orders in which its tickets are now. */
  readonly into: readonly string[];
  readonly why: string | null;
};

/** As the orders say it now: whoever died between a change and its row has left nobody out. */
async function outcomesOf(
  { orders }: RunStores,
  results: readonly ReseatResult[],
  lostNos: ReadonlySet<number>,
): Promise<Outcome[]> {
  const byId = new Map(results.map((result) => [result.orderId, result]));
  return (await loadOrders(orders, [...byId.keys()])).flatMap((order) => {
    const { ticketNos, why } = byId.get(order.orderId)!;
    const tickets = { moved: 0, gone: 0, inside: 0, still: 0 };
    // Who did not move from a coach that runs again has the seat that he had.
    const own = order.tickets
      .filter(({ ticketNo }) => ticketNos.includes(ticketNo))
      .map((ticket) => ({ ticket, outcome: outcomeOf(order, ticket) }))
      .filter(({ ticket, outcome }) => outcome !== "still" || lostNos.has(ticket.coachNo));
    for (const { outcome } of own) tickets[outcome]++;
    const into = [...new Set(own.flatMap(({ ticket }) => ticket.replacedBy ?? []))];
    return own.length > 0 ? [{ orderNo: order.orderNo, tickets, into, why }] : [];
  });
}

function outcomeOf(order: OrderRecord, ticket: TicketRecord): keyof Outcome["tickets"] {
  if (ticket.state === "changed") return "moved";
  if (ticket.state === "refunding" || ticket.state === "refunded") return "gone";
  return isInside(order, ticket) ? "inside" : "still";
}

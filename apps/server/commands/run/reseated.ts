/** What became of everybody who had a seat that the train does not have any more: a row for each order. */
import { lineOf, type RunId } from "@chepiao/contracts";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import {
  type Exchange,
  hasLost,
  lostSince,
  type ReseatResult,
  type WithdrawnCoaches,
} from "@chepiao/ports/withdrawn-coaches";
import { table } from "../table.ts";
import { loadOrders, ordersOn } from "./effect.ts";
import { isInside, partiesOf } from "./parties.ts";
import type { RunStores } from "./stores.ts";
import { withdrawnOf } from "./withdraw.ts";

/** Without being asked for all of them. */
const rowsSaid = 20;

type Say = (line: string) => void;

/** Nothing where the train is as it was sold. */
export async function sayReseats(stores: RunStores, run: RunId, isWhole: boolean, say: Say): Promise<void> {
  const { withdrawn } = await withdrawnOf(stores, run);
  const { lost, exchange } = withdrawn;
  if (!hasLost(withdrawn)) return;
  const left = await seatsLeftIn(stores, withdrawn);
  if (exchange) say(exchangeText(run, exchange, left.elsewhere));
  const counts = lost.map(({ no }) => `${left.inCoach.get(no) ?? 0} in coach ${no}`);
  if (lost.length > 0)
    say(
      `${run} runs without coach ${lost.map(({ no }) => no).join(", ")}: tickets that still have seats there: ${counts.join(", ")}.`,
    );
  const rows = await outcomesOf(stores, await stores.withdrawnCoaches.reseats(run), withdrawn);
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

const exchangeText = (run: RunId, { compositions, closedAt, openedAt }: Exchange, left: number): string =>
  `${run} runs as ${compositions.at(-1)!.code}, and was sold as ${compositions[0].code}: ` +
  `tickets that still have seats which it does not have: ${left}. ` +
  (openedAt !== null
    ? "All have been asked for, and what is left is sold."
    : closedAt !== null
      ? "They are given others now, and nobody else is sold a seat until all have been asked for."
      : "The platform has not begun to give them others.");

/** Tickets with seats in lost coaches, by coach, and those with seats that the train has not had since it was exchanged. */
async function seatsLeftIn(stores: RunStores, withdrawn: WithdrawnCoaches) {
  const inCoach = new Map<number, number>();
  let elsewhere = 0;
  for (const order of await ordersOn(stores.orders, { runId: withdrawn.runId, skipped: null })) {
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
  withdrawn: WithdrawnCoaches,
): Promise<Outcome[]> {
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

function outcomeOf(order: OrderRecord, ticket: TicketRecord): keyof Outcome["tickets"] {
  if (ticket.state === "changed") return "moved";
  if (ticket.state === "refunding" || ticket.state === "refunded") return "gone";
  return isInside(order, ticket) ? "inside" : "still";
}

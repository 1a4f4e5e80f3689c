/** What it would mean for people that a run does not run, or not all the way. */
import { lineOf, type OrderLine } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import { hasGone, isNotRun, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import { isOff, type NotRun } from "@chepiao/ports/run-states";
import type { RunDeps } from "./deps.ts";

const readAtOnce = 16;

export type RunEffect = {
  readonly orders: number;
  readonly unpaid: number;
  readonly tickets: number;
  readonly passengers: number;
  readonly amountFen: number;
  readonly waiting: number;
};

export async function effectOf(
  { orders, waitlist }: Pick<RunDeps, "orders" | "waitlist">,
  notRun: NotRun,
): Promise<RunEffect> {
  const found = await ordersOn(orders, notRun);
  const paid = found.filter(({ state }) => state !== "pendingPayment");
  const tickets = paid.flatMap((order) =>
    order.tickets.filter((ticket) => goesBack(ticket, lineOf(order, ticket), notRun)),
  );
  return {
    orders: paid.length,
    unpaid: found.length - paid.length,
    tickets: tickets.length,
    passengers: new Set(tickets.map(({ documentHash }) => documentHash)).size,
    amountFen: tickets.reduce((sum, { fareFen }) => sum + fareFen, 0),
    waiting: await waitingFor(waitlist, notRun),
  };
}

/** As those who go through the orders will see it. */
const goesBack = (ticket: TicketRecord, line: OrderLine, notRun: NotRun): boolean =>
  isNotRun(line, notRun) && (ticket.state === "issued" || ticket.state === "used") && !hasGone(ticket, line);

export async function waitingFor(waitlist: RunDeps["waitlist"], notRun: NotRun): Promise<number> {
  const entries = await waitlist.ofRun(notRun.runId);
  return entries.filter(({ choices }) =>
    choices.some((choice) => choice.runId === notRun.runId && choice.endedBecause === null && isOff(notRun, choice)),
  ).length;
}

export const ordersOn = async (orders: RunDeps["orders"], { runId, skipped }: NotRun): Promise<OrderRecord[]> =>
  loadOrders(orders, await orders.holdersOn(runId, skipped));

/** Those that there are. */
export async function loadOrders(
  orders: Pick<RunDeps["orders"], "load">,
  ids: readonly OrderId[],
): Promise<OrderRecord[]> {
  const found: OrderRecord[] = [];
  for (let next = 0; next < ids.length; next += readAtOnce) {
    const some = await Promise.all(ids.slice(next, next + readAtOnce).map((id) => orders.load(id)));
    found.push(...some.filter((order) => order !== null));
  }
  return found;
}

/**
 * What must have become of everybody whose train does not run: the tickets are back, whole and once; nothing else is; nobody waits for it. Who asked
 * himself for what he got back is known from what people said.
 */
import { lineOf, type OrderLine } from "@chepiao/contracts";
import { orderNoOf, waitlistNoOf } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { Bank } from "../engines/bank.ts";
import type { Told } from "../people/told.ts";
import { type CancelledBook, isGivenBack, type Way } from "./cancelledBook.ts";
import { liveTickets } from "./orders.ts";

type Runs = Pick<CancelledBook, "isOff" | "wasEver">;

/** I3, I4: nobody has a ticket of it, or pays for one, but who was let out on the way: that is for staff. */
export const nobodyIsOnCancelledRuns = (runs: Runs, orders: readonly OrderRecord[]): string[] =>
  liveTickets(orders)
    .filter(({ line, ticket }) => runs.isOff(line) && !wasLetOut(ticket, line))
    .map(({ line, ticket }) => `I3: ${ticket.ticketNo} is ${ticket.state}, and ${line.runId} does not run`);

const wasLetOut = ({ passages }: TicketRecord, { fromStationId }: OrderLine): boolean =>
  passages?.leave !== undefined && passages.leave.stationId !== fromStationId;

/** I3: what went back was asked for, or its train was cancelled: then it went back whole, by one refund of the bank. */
export function cancelledRunsGoBackWhole(
  runs: Runs,
  orders: readonly OrderRecord[],
  { givenBack }: Pick<Told, "givenBack">,
  { refunds }: Pick<Bank, "refunds">,
): string[] {
  const byTicket = Map.groupBy(refunds, ({ refundNo }) => refundNo.slice(0, refundNo.lastIndexOf("-")));
  return orders.flatMap((order) =>
    order.tickets
      .filter((ticket) => isGivenBack(ticket) && !givenBack.has(ticket.ticketNo))
      .flatMap((ticket) => wrongWith(ticket, lineOf(order, ticket), byTicket.get(ticket.ticketNo) ?? [], runs)),
  );
}

function wrongWith(
  { ticketNo, fareFen, feeFen, state }: TicketRecord,
  way: Way,
  back: Bank["refunds"],
  runs: Runs,
): string[] {
  const { runId } = way;
  if (!runs.wasEver(way)) return [`I3: ${ticketNo} went back, nobody asked for that, and ${runId} runs`];
  if (feeFen !== 0) return [`I3: of ${ticketNo} ${feeFen} fen were kept, and ${runId} does not run`];
  const backFen = back.reduce((sum, { amountFen }) => sum + amountFen, 0);
  if (state === "refunded" && (back.length !== 1 || backFen !== fareFen))
    return [`I3: for ${ticketNo} of ${fareFen} fen ${backFen} went back, by ${back.length} refunds`];
  return [];
}

/** I4: an order ends for that reason where one of its trains was cancelled. */
export const endedForCancelledRuns = (runs: Runs, orders: readonly OrderRecord[]): string[] =>
  orders
    .filter(({ endedBecause, lines }) => endedBecause === "RunCancelled" && !lines.some(isOf(runs)))
    .map(({ orderNo }) => `I4: ${orderNo} ended because its train does not run, and it does`);

const isOf = (runs: Runs) => (way: Way) => runs.wasEver(way);

/** I5: nobody waits for it. Money that waits for it alone, I3 finds to be with nobody once its entry has ended. */
export const nobodyWaitsForCancelledRuns = (runs: Runs, entries: readonly WaitlistRecord[]): string[] =>
  entries
    .filter(({ state }) => state === "waiting" || state === "granted")
    .flatMap((entry) =>
      entry.choices
        .filter((choice) => runs.isOff(choice) && choice.endedBecause === null)
        .map(({ runId }) => `I5: ${waitlistNoOf(entry.entryId)} waits for ${runId}, which does not run`),
    );

/** I3: what was prepaid for an entry that a cancelled train has ended is back, once. */
export function prepaymentsAreBack(
  runs: Runs,
  entries: readonly WaitlistRecord[],
  orders: readonly OrderRecord[],
  { trades, refunds }: Pick<Bank, "refunds" | "trades">,
): string[] {
  const bought = new Set<string>(orders.map(({ orderNo }) => orderNo));
  const sum = (all: readonly { paymentNo: string; amountFen: number }[], of: string) =>
    all.filter(({ paymentNo }) => paymentNo === of).reduce((fen, { amountFen }) => fen + amountFen, 0);
  return entries.flatMap((entry) => {
    const { captured, state, choices, entryId } = entry;
    const isEnded = state !== "waiting" && state !== "granted" && !bought.has(orderNoOf(entryId));
    if (!captured || !isEnded || !choices.every(isOf(runs))) return [];
    const left = sum(trades, captured.paymentNo) - sum(refunds, captured.paymentNo);
    return left === 0 ? [] : [`I3: ${waitlistNoOf(entryId)} waited for what does not run, and lacks ${left} fen`];
  });
}

/**
 * The pivot of a change: the moment at which new tickets are valid and those that they replace are not. Both orders change in one
 * transaction, each by the version that was decided on, so that at any moment a traveller has exactly one of the two. Pure.
 */
import { firstRunOf, lineOf, type LogRecord, type RefundDue, type Replaces } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { enteredAt, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import { after, type DecidedChange, freedBy, letGo, moved, ticketed, wordOfFreed } from "../transitions.ts";
import { changeEvent, isChangeable } from "./plan.ts";

export type PivotOutcome =
  /** Together with what becomes of the replaced order. */
  | { readonly kind: "ticketed"; readonly change: DecidedChange; readonly together: DecidedChange }
  /** The new order ends, because what it was to replace is not there any more. */
  | { readonly kind: "replacedGone"; readonly change: DecidedChange; readonly together?: never }
  /** It is no order that waits to be carried. */
  | { readonly kind: "known"; readonly change?: never; readonly together?: never };

/** An order that nobody pays stands as soon as it is written, on the payment of the order that it replaces tickets of. */
export function decideCarried(order: OrderRecord, replaced: OrderRecord | null, now: EpochMs): PivotOutcome {
  const { replaces } = order;
  if (!replaces?.isCarried || order.state !== "pendingPayment") return { kind: "known" };
  const given = decideReplaced(order, replaces, replaced, now);
  if (!given) return { kind: "replacedGone", change: replacedGone(order) };
  const { paymentNo, paidAt } = given.order;
  return { kind: "ticketed", change: ticketed(order, { paymentNo: paymentNo!, paidAt: paidAt! })!, together: given };
}

/** What becomes of the old order as the new one is ticketed; null where its tickets are not there to be replaced any more. */
export function decideReplaced(
  order: OrderRecord,
  replaces: Replaces,
  old: OrderRecord | null,
  now: EpochMs,
): DecidedChange | null {
  if (!old || !isFair(order, replaces, old)) return null;
  const { orderNo } = order;
  const terms = new Map(replaces.tickets.map((ticket) => [ticket.ticketNo, ticket]));
  const replacedTickets = old.tickets.filter(({ ticketNo }) => terms.has(ticketNo));
  // What has arrived is used, whenever the order comes to know.
  const isNotRun = replaces.because !== undefined;
  const isThere = (ticket: TicketRecord) => {
    const line = lineOf(old, ticket);
    const entered = enteredAt(ticket, line);
    // A train without his coach runs: he travels by it, whenever he went in. Else who goes in after he has asked travels by one that runs after all.
    const wentIn = entered !== null && (replaces.because === "coachLost" || entered > order.acceptedAt);
    return isChangeable(ticket, line, isNotRun) && !wentIn && now < line.arriveAt;
  };
  if (replacedTickets.length !== terms.size || !replacedTickets.every(isThere)) return null;
  const tickets = old.tickets.map((ticket): TicketRecord => {
    const money = terms.get(ticket.ticketNo);
    if (!money) return ticket;
    return {
      ...moved(ticket, changeEvent(isNotRun)),
      feeFen: money.feeFen,
      refundFen: money.refundFen,
      replacedBy: orderNo,
    };
  });
  const isLast = tickets.every(({ state }) => isGone.has(state));
  const next = after({ ...old, tickets }, isLast ? "allChanged" : "partChanged");
  if (!next) return null;
  const freedSeats = freedBy(old, replacedTickets);
  return {
    order: next.order,
    steps: [next.step],
    freedSeats,
    messages: [...freedSeats.map(wordOfFreed), ...moneyBack(old, replaces)],
  };
}

/**
 * The log is believed in much, and not in this: nobody is ticketed on a payment of others, or for more than the old tickets were paid with.
 * Each new ticket is for the traveller of the old one, and what is kept, goes back and is carried on is the old fare.
 */
function isFair(order: OrderRecord, { tickets, isCarried }: Replaces, old: OrderRecord): boolean {
  if (old.userId !== order.userId || old.paymentNo === null || tickets.length !== order.tickets.length) return false;
  return tickets.every(({ ticketNo, feeFen, refundFen }, n) => {
    const before = old.tickets.find((each) => each.ticketNo === ticketNo);
    const ticket = order.tickets[n]!;
    const carriedFen = isCarried ? ticket.fareFen : 0;
    const isWhole = feeFen >= 0 && refundFen >= 0 && feeFen + refundFen + carriedFen === before?.fareFen;
    return isWhole && before.documentHash === ticket.documentHash;
  });
}

const isGone: ReadonlySet<TicketRecord["state"]> = new Set(["changed", "refunding", "refunded"]);

/** To the payment of the old tickets. One that gets nothing and keeps nothing is not told of. */
const moneyBack = (old: OrderRecord, { tickets }: Replaces): LogRecord[] =>
  tickets
    .filter(({ feeFen, refundFen }) => feeFen + refundFen > 0)
    .map(({ ticketNo, feeFen, refundFen }) => ({
      topic: "payment-refund-topic",
      key: firstRunOf(old),
      value: {
        refundNo: `${ticketNo}-change`,
        paymentNo: old.paymentNo!,
        orderNo: old.orderNo,
        ticketNo,
        amountFen: refundFen,
        feeFen,
        reason: "ticketChanged",
      } satisfies RefundDue,
    }));

/** Ends an order that waits for its money, or to be carried: what it was to replace was given back, used or changed. */
export const replacedGone = (order: OrderRecord): DecidedChange =>
  letGo(after({ ...order, endedBecause: "TicketNotChangeable" }, "replacedGone")!);

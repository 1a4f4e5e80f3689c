/** A ticket of an order as the refund rules see it, and what its account has given back by mistake. */
import { lineOf, type RefundBar } from "@chepiao/contracts";
import { type EpochMs, type OrderId, refuse, type Result, type ServiceDate } from "@chepiao/kernel";
import type { MistakeRefund, OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { isFulfilment } from "./purchase/fulfil.ts";
import { type RefundCase, type RefundRules, type RefundTerms, refundTerms } from "./refundFee.ts";

/** Orders that an account has given back as mistakes on a day of the railway, each at its place. */
export type Mistakes = { readonly day: ServiceDate; readonly orders: readonly OrderId[] };

const refundCaseOf = (order: OrderRecord, ticket: TicketRecord): RefundCase => {
  const { departAt, boardingDate } = lineOf(order, ticket);
  return {
    fareFen: ticket.fareFen,
    departAt,
    boardingDate,
    paidAt: order.paidAt,
    changed: order.replaces ? { changedAt: order.acceptedAt, departAt: order.replaces.departAt } : null,
    isOfWaitlist: isFulfilment(order),
  };
};

/** The terms on which a ticket of an order goes back now. */
export function termsOf(
  order: OrderRecord,
  ticket: TicketRecord,
  now: EpochMs,
  rules: RefundRules,
  mistakes: Mistakes,
): Result<RefundTerms, RefundBar> {
  if (ticket.state === "used") return refuse("departed");
  if (ticket.state !== "issued" || order.state !== "ticketed") return refuse("notIssued");
  const isMistakeOpen = mistakes.orders.includes(order.orderId) || placeFor(rules, mistakes) !== null;
  return refundTerms(refundCaseOf(order, ticket), { now, isMistakeOpen }, rules);
}

/** With what such an order is given back as a mistake; nothing more once it has begun to be. */
export function mistakeOf(order: OrderRecord, rules: RefundRules, mistakes: Mistakes): MistakeRefund | null {
  if (mistakes.orders.includes(order.orderId)) return null;
  const nth = placeFor(rules, mistakes);
  return nth === null ? null : { day: mistakes.day, nth };
}

/** The first place of the day that no order has. */
function placeFor({ mistake }: RefundRules, { orders }: Mistakes): number | null {
  for (let nth = 0; nth < (mistake?.perDay ?? 0); nth++) if (orders[nth] === undefined) return nth;
  return null;
}

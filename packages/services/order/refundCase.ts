/** A ticket of an order as the refund rules see it, and what its account has given back by mistake. */
import { isWayOff, lineOf, type RefundBar, type Timetable } from "@chepiao/contracts";
import { type EpochMs, type OrderId, refuse, type Result, type ServiceDate } from "@chepiao/kernel";
import {
  enteredAt,
  hasGone,
  type MistakeRefund,
  type OrderRecord,
  type TicketRecord,
} from "@chepiao/ports/order-store";
import type { Cancellation } from "@chepiao/ports/run-states";
import { isFulfilment } from "./purchase/fulfil.ts";
import { changeOf } from "./change/plan.ts";
import { isCoachLost, type LostCoaches } from "./lostCoach.ts";
import { notRunUntil } from "./notRun.ts";
import { type RefundCase, type RefundRules, type RefundTerms, refundTerms } from "./refundFee.ts";

/** Orders that an account has given back as mistakes on a day of the railway, each at its place. */
export type Mistakes = { readonly day: ServiceDate; readonly orders: readonly OrderId[] };

/** Whether all of its trains run, and call where it needs them. */
export const runsAll = ({ lines }: Pick<OrderRecord, "lines">, trains: Pick<Timetable, "stateOf">): boolean =>
  lines.every((line) => !isWayOff(trains.stateOf(line.runId), line));

/** All that giving back goes by beside the order and the moment. */
export type RefundBasis = {
  readonly rules: RefundRules;
  readonly mistakes: Mistakes;
  /** What was said of its trains, also where it is not said any more. */
  readonly cancellations: readonly Cancellation[];
  readonly lostCoaches: LostCoaches;
  /** By whose clock days end. */
  readonly timetable: Pick<Timetable, "zoneOf">;
};

const refundCaseOf = (order: OrderRecord, ticket: TicketRecord, now: EpochMs, basis: RefundBasis): RefundCase => {
  const line = lineOf(order, ticket);
  const { departAt, boardingDate } = line;
  const { suspendedDays } = basis.rules;
  const notRun = {
    suspendedDays,
    cancellations: basis.cancellations,
    isIn: enteredAt(ticket, line) !== null,
    zone: basis.timetable.zoneOf(line.fromStationId),
  };
  return {
    fareFen: ticket.fareFen,
    departAt,
    boardingDate,
    paidAt: order.paidAt,
    changed: changeOf(order),
    isOfWaitlist: isFulfilment(order),
    notRunUntil: notRunUntil(line, order.acceptedAt, now, notRun),
    isCoachLost: isCoachLost(ticket, line, now, basis.lostCoaches),
  };
};

/** The terms on which a ticket of an order goes back now. */
export function termsOf(
  order: OrderRecord,
  ticket: TicketRecord,
  now: EpochMs,
  basis: RefundBasis,
): Result<RefundTerms, RefundBar> {
  const { rules, mistakes } = basis;
  const isValid = ticket.state === "issued" && order.state === "ticketed";
  if (!isValid && ticket.state !== "used") return refuse("notIssued");
  // What a part of the way is worth is for staff to say.
  if (hasGone(ticket, lineOf(order, ticket))) return refuse("entered");
  const isMistakeOpen = mistakes.orders.includes(order.orderId) || placeFor(rules, mistakes) !== null;
  const terms = refundTerms(refundCaseOf(order, ticket, now, basis), { now, isMistakeOpen }, rules);
  if (ticket.state === "issued" || (terms.ok && terms.value.rule === "runCancelled")) return terms;
  // Where no gate has said so, time alone does: its train may have stood still.
  return refuse(ticket.passages ? "entered" : "departed");
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

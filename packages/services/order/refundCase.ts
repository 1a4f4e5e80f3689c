/** A ticket of an order as the refund rules see it, and what its account has given back by mistake. */
import { lineOf, type OrderLine, type RefundBar, type Timetable } from "@chepiao/contracts";
import {
  addDays,
  type EpochMs,
  instantOfClock,
  type OrderId,
  refuse,
  type Result,
  type ServiceDate,
} from "@chepiao/kernel";
import type { MistakeRefund, OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { isFulfilment } from "./purchase/fulfil.ts";
import { changeOf } from "./change/plan.ts";
import { type RefundCase, type RefundRules, type RefundTerms, refundTerms } from "./refundFee.ts";

/** Orders that an account has given back as mistakes on a day of the railway, each at its place. */
export type Mistakes = { readonly day: ServiceDate; readonly orders: readonly OrderId[] };

/** Which trains do not run, and by whose clock their days end. */
export type RunsNotRun = Pick<Timetable, "stateOf" | "zoneOf">;

/** Whether all of its trains run. */
export const runsAll = ({ lines }: Pick<OrderRecord, "lines">, trains: Pick<RunsNotRun, "stateOf">): boolean =>
  lines.every(({ runId }) => !trains.stateOf(runId)?.isCancelled);

/** All that giving back goes by beside the order and the moment. */
export type RefundBasis = {
  readonly rules: RefundRules;
  readonly mistakes: Mistakes;
  readonly timetable: RunsNotRun;
};

/** When the last day is over on which a ticket of that line goes back free; null for a train that runs. */
function notRunUntil(line: OrderLine, { rules, timetable }: RefundBasis): EpochMs | null {
  if (!timetable.stateOf(line.runId)?.isCancelled) return null;
  return instantOfClock(addDays(line.boardingDate, rules.suspendedDays + 1), 0, timetable.zoneOf(line.fromStationId));
}

const refundCaseOf = (order: OrderRecord, ticket: TicketRecord, basis: RefundBasis): RefundCase => {
  const line = lineOf(order, ticket);
  const { departAt, boardingDate } = line;
  return {
    fareFen: ticket.fareFen,
    departAt,
    boardingDate,
    paidAt: order.paidAt,
    changed: changeOf(order),
    isOfWaitlist: isFulfilment(order),
    notRunUntil: notRunUntil(line, basis),
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
  const isMistakeOpen = mistakes.orders.includes(order.orderId) || placeFor(rules, mistakes) !== null;
  const terms = refundTerms(refundCaseOf(order, ticket, basis), { now, isMistakeOpen }, rules);
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

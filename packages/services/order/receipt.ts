/**
 * What an order has cost, ticket by ticket. Pure, and of the same numbers that moved the money: what came in, by payment or carried on from tickets that
 * it replaces, is what is spent, kept, given back and carried on.
 */
import { lineOf, type Receipt, type ReceiptTicket, type Refusal, refusal } from "@chepiao/contracts";
import { assert, type EpochMs, fen, formatInZone, ok, orderNoOf, refuse, type Result } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { freeChildView, tripView, type Zones } from "./views.ts";

export type ReceiptAround = {
  readonly buyer: string;
  readonly currency: string;
  readonly zones: Zones;
  readonly now: EpochMs;
};

const isSpent = ({ state }: TicketRecord): boolean => state === "issued" || state === "used";

export function receiptOf(order: OrderRecord, around: ReceiptAround): Result<Receipt, Refusal> {
  const { paymentNo, paidAt, replaces } = order;
  if (paymentNo === null || paidAt === null) return refuse(refusal("NoReceipt", { state: order.state }));
  const tickets = order.tickets.map((ticket) => receiptTicket(order, ticket, around.zones));
  const isCarried = replaces?.isCarried ?? false;
  const sum = (part: "carriedFen" | "feeFen" | "refundFen" | "spentFen") =>
    fen(tickets.reduce((total, ticket) => total + ticket[part], 0));
  const receipt: Receipt = {
    orderNo: order.orderNo,
    currency: around.currency,
    buyer: { name: around.buyer },
    paymentNo,
    paidAt: formatInZone(paidAt, around.zones.zone),
    paidFen: isCarried ? fen(0) : order.totalFen,
    carriedInFen: isCarried ? order.totalFen : fen(0),
    spentFen: sum("spentFen"),
    feeFen: sum("feeFen"),
    refundFen: sum("refundFen"),
    carriedFen: sum("carriedFen"),
    ...(replaces ? { replaces: orderNoOf(replaces.orderId) } : {}),
    tickets,
    now: formatInZone(around.now, around.zones.zone),
  };
  const out = receipt.spentFen + receipt.feeFen + receipt.refundFen + receipt.carriedFen;
  assert(receipt.paidFen + receipt.carriedInFen === out, `the receipt of ${order.orderNo} adds up`);
  return ok(receipt);
}

function receiptTicket(order: OrderRecord, ticket: TicketRecord, zones: Zones): ReceiptTicket {
  const line = lineOf(order, ticket);
  const spentFen = isSpent(ticket) ? ticket.fareFen : fen(0);
  const [feeFen, refundFen] = isSpent(ticket)
    ? [fen(0), fen(0)]
    : [ticket.feeFen ?? fen(0), ticket.refundFen ?? fen(0)];
  return {
    ticketNo: ticket.ticketNo,
    line: ticket.line,
    passengerName: ticket.name,
    documentType: ticket.documentType,
    documentMasked: ticket.documentMasked,
    ticketType: ticket.ticketType,
    ...(ticket.freeChild ? { freeChild: freeChildView(ticket.freeChild) } : {}),
    ...tripView(line, zones),
    coachNo: ticket.coachNo,
    seat: ticket.seat,
    state: ticket.state,
    fareFen: ticket.fareFen,
    feeFen,
    refundFen,
    carriedFen: fen(ticket.fareFen - spentFen - feeFen - refundFen),
    spentFen,
    ...(ticket.replacedBy === undefined ? {} : { replacedBy: ticket.replacedBy }),
  };
}

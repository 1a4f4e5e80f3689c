/** An order as its owner sees it. */
import {
  type Accepted,
  type FreeChild,
  type FreeChildView,
  lineOf,
  type LineView,
  type Order,
  type OrderAccepted,
  type OrderLine,
  type OrderTicket,
  type RefundQuote,
  type RefundRule,
  refundRuleNames,
  type Replaces,
  type SignTicket,
  ticketsOf,
  type TicketType,
  type Timetable,
  togetherness,
  type Togetherness,
} from "@chepiao/contracts";
import { type EpochMs, fen, formatInZone, orderNoOf, trainLateMaxMs, type ZoneName } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { type RefundBasis, termsOf } from "./refundCase.ts";
import { refundSteps, type RefundTerms } from "./refundFee.ts";
import { signTicketCode } from "./ticketCode.ts";

export const acceptedView = (order: OrderAccepted, zone: ZoneName): Accepted => ({
  orderNo: order.orderNo,
  state: "accepted",
  payBy: formatInZone(order.payBy, zone),
  totalFen: order.totalFen,
  together: leastTogether(order),
  preferencesUnmet: preferencesUnmet(order),
  seats: order.tickets.map(({ seat }) => seat),
  lines: order.lines.map((line) => ({
    trainNumber: line.trainNumber,
    seatClass: line.seatClass,
    together: line.together,
    preferencesUnmet: line.preferencesUnmet,
    seats: ticketsOf(order, line).map(({ seat }) => seat),
  })),
});

/** How the party of that line sits which sits farthest apart. */
const leastTogether = ({ lines }: OrderAccepted | OrderRecord): Togetherness =>
  togetherness[Math.max(...lines.map(({ together }) => togetherness.indexOf(together)))]!;
const preferencesUnmet = ({ lines }: OrderAccepted | OrderRecord): number =>
  lines.reduce((sum, line) => sum + line.preferencesUnmet, 0);

/** An order that is in the log but not in SQL yet, in the shape of one that is. */
export const undecided = (order: OrderAccepted): OrderRecord => ({
  ...order,
  state: "accepted",
  version: 0,
  paymentNo: null,
  paidAt: null,
  endedBecause: null,
  tickets: order.tickets.map((ticket) => ({ ...ticket, state: "held", feeFen: null, refundFen: null })),
});

/** A journey's times are those of the clocks at its stations; what else happens is told in the timetable's. */
export type Zones = Pick<Timetable, "zone" | "zoneOf">;

/** @param sign signs ticket codes; without it they are left out (lists do not need them) */
export function orderView(order: OrderRecord, zones: Zones, now: EpochMs, sign: SignTicket | null): Order {
  const { zone } = zones;
  const [first, ...others] = order.lines;
  const { line: _, ...way } = lineView(first, zones);
  const lines = [{ line: 0, ...way }, ...others.map((line) => lineView(line, zones))];
  return {
    orderNo: order.orderNo,
    state: order.state,
    ...way,
    totalFen: order.totalFen,
    together: leastTogether(order),
    preferencesUnmet: preferencesUnmet(order),
    lines,
    createdAt: formatInZone(order.acceptedAt, zone),
    payBy: formatInZone(order.payBy, zone),
    paidAt: order.paidAt === null ? null : formatInZone(order.paidAt, zone),
    endedBecause: order.endedBecause,
    ...(order.replaces ? { replaces: replacesView(order.replaces) } : {}),
    now: formatInZone(now, zone),
    tickets: order.tickets.map((ticket) => ticketView(order, ticket, zones, isShown(order, ticket, now) ? sign : null)),
  };
}

/** The train, the way and the class of a line. */
export const tripView = (line: OrderLine, { zoneOf }: Zones) => ({
  trainNumber: line.trainNumber,
  boardingDate: line.boardingDate,
  from: { stationId: line.fromStationId, name: line.fromName },
  to: { stationId: line.toStationId, name: line.toName },
  departAt: formatInZone(line.departAt, zoneOf(line.fromStationId)),
  arriveAt: formatInZone(line.arriveAt, zoneOf(line.toStationId)),
  seatClass: line.seatClass,
});

const lineView = (line: OrderLine, zones: Zones): LineView => ({
  line: line.line,
  originDate: line.originDate,
  ...tripView(line, zones),
  together: line.together,
  preferencesUnmet: line.preferencesUnmet,
});

const replacesView = ({ orderId, kind, nth, because, isCarried, tickets }: Replaces) => ({
  orderNo: orderNoOf(orderId),
  kind,
  nth,
  ...(because === undefined ? {} : { because }),
  isCarried,
  tickets: tickets.map(({ ticketNo, feeFen, refundFen, seat }) => ({
    ticketNo,
    feeFen,
    refundFen,
    ...(seat === undefined ? {} : { seat }),
  })),
});

function ticketView(order: OrderRecord, ticket: TicketRecord, zones: Zones, sign: SignTicket | null): OrderTicket {
  const returned = ticket.state === "refunding" || ticket.state === "refunded";
  return {
    ticketNo: ticket.ticketNo,
    line: ticket.line,
    passengerId: ticket.passengerId,
    passengerName: ticket.name,
    documentType: ticket.documentType,
    documentMasked: ticket.documentMasked,
    ticketType: ticket.ticketType,
    coachNo: ticket.coachNo,
    seat: ticket.seat,
    fareFen: ticket.fareFen,
    state: ticket.state,
    ...(ticket.freeChild ? { freeChild: freeChildView(ticket.freeChild) } : {}),
    ...(declaredFares.has(ticket.ticketType) ? { showAtGate: true as const } : {}),
    ...(ticket.feeFen === null ? {} : { feeFen: ticket.feeFen }),
    ...(ticket.refundFen === null ? {} : { refundFen: ticket.refundFen }),
    ...(ticket.replacedBy === undefined ? {} : { replacedBy: ticket.replacedBy }),
    ...(returned ? { refund: ticket.state === "refunded" ? ("settled" as const) : ("due" as const) } : {}),
    ...passagesView(ticket, zones),
    ...(sign ? { code: signTicketCode(order, ticket, sign) } : {}),
  };
}

/** Without the hash by which it is known. */
export const freeChildView = ({ passengerId, name, documentType, documentMasked }: FreeChild): FreeChildView => ({
  passengerId,
  name,
  documentType,
  documentMasked,
});

/** Who is in shows it to the inspector and at the way out, and a train may be late. */
const isShown = (order: OrderRecord, ticket: TicketRecord, now: EpochMs): boolean =>
  ticket.state === "issued" || (ticket.state === "used" && now < lineOf(order, ticket).arriveAt + trainLateMaxMs);

function passagesView(
  { passages }: TicketRecord,
  { zoneOf }: Zones,
): Pick<OrderTicket, "enteredAt" | "leftAt" | "leftFrom"> {
  const { enter, leave } = passages ?? {};
  return {
    ...(enter ? { enteredAt: formatInZone(enter.at, zoneOf(enter.stationId)) } : {}),
    ...(leave ? { leftAt: formatInZone(leave.at, zoneOf(leave.stationId)), leftFrom: leave.stationId } : {}),
  };
}

/** Nobody here knows who studies or was disabled in service: it is believed when it is bought, and looked at before the train. */
const declaredFares: ReadonlySet<TicketType> = new Set(["student", "disabledVeteran"]);

export function refundQuoteView(order: OrderRecord, now: EpochMs, basis: RefundBasis): RefundQuote {
  const { zoneOf } = basis.timetable;
  const { rules } = basis;
  const stepsOf = ({ departAt, fromStationId }: OrderLine) =>
    refundSteps(departAt, now, rules).map(({ until, feeBasisPoints }) => ({
      until: formatInZone(until, zoneOf(fromStationId)),
      feeBasisPoints,
    }));
  const lines = order.lines.map((line) => ({ line: line.line, steps: stepsOf(line) }));
  return {
    orderNo: order.orderNo,
    steps: lines[0]!.steps,
    lines,
    tickets: order.tickets.map((ticket) => {
      const { ticketNo, line } = ticket;
      const terms = termsOf(order, ticket, now, basis);
      const zone = zoneOf(lineOf(order, ticket).fromStationId);
      return terms.ok
        ? { ticketNo, line, refundable: true, ...chargedView(terms.value, zone) }
        : { ticketNo, line, refundable: false, ...named(terms.error), ...nothing };
    }),
  };
}

const nothing = { feeBasisPoints: 0, feeFen: fen(0), refundFen: fen(0) };
const named = (rule: RefundRule) => ({ rule, ruleName: refundRuleNames[rule] });

const chargedView = ({ rule, feeBasisPoints, feeFen, refundFen, until }: RefundTerms, zone: ZoneName) => ({
  ...named(rule),
  ...(until === null ? {} : { until: formatInZone(until, zone) }),
  feeBasisPoints,
  feeFen,
  refundFen,
});

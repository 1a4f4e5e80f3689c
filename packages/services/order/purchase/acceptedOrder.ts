/** A purchase in words: what is appended to the log, and what everything else about the order can be made from again. */
import {
  type AcceptedTicket,
  type Held,
  type KnownPassenger,
  type OrderAccepted,
  type OrderLine,
  type OrderLines,
  type Replaces,
  OtherSeats,
  seatLabel,
  seatsOf,
  type Timetable,
} from "@chepiao/contracts";
import { assert, type EpochMs, epochMs, hourMs, inOnePiece, type OrderNo, sumFen } from "@chepiao/kernel";
import { ticketOnChange, type PlannedChange, pricesOf, replacesOf } from "../change/plan.ts";
import type { Replacing } from "../change/replacing.ts";
import { freeChildOf } from "./freeChildren.ts";
import type { Plan } from "./plan.ts";
import type { Draft } from "./step.ts";

/** The order's n-th, counted from 0 through all of its lines. */
export const ticketNoOf = (orderNo: OrderNo, n: number) => inOnePiece(orderNo, "-", n + 1);

/** Which order a ticket is of; null for what is none. */
export const orderOfTicket = (ticketNo: string | null): string | null => /^(.+)-\d+$/.exec(ticketNo ?? "")?.[1] ?? null;

/** The document as an order says it. */
export const writtenOf = ({
  documentHash,
  proof = "proved",
}: KnownPassenger): Pick<AcceptedTicket, "documentHash" | "documentUnproved"> =>
  proof === "proved" ? { documentHash } : { documentHash, documentUnproved: true };

export function acceptedOrder(draft: Draft): OrderAccepted {
  const { command, orderId, orderNo, at } = draft;
  const held = draft.held!;
  const plans = draft.plans!;
  const timetable = draft.trains!;
  let tickets: AcceptedTicket[] = [];
  for (let line = 0; line < plans.length; line++)
    takeTickets(tickets, orderNo, line, plans[line]!, held[line]!, timetable);
  const { change } = draft;
  if (change) tickets = tickets.map((ticket, n) => ticketOnChange(change, n, ticket));
  const replaces = change ? replacesBy(command.replacing!, change, tickets) : null;
  return {
    orderId,
    orderNo,
    userId: command.userId,
    lines: linesOf(plans, held),
    totalFen: sumFen(tickets.map((ticket) => ticket.fareFen)),
    acceptedAt: at,
    payBy: replaces?.isCarried ? carriedBy(at) : draft.payBy!,
    // That by which its fares are made.
    ...policyOf(timetable),
    idempotencyKey: command.key,
    requestHash: command.requestHash,
    tickets,
    ...(command.granted ? { prepaid: command.granted.prepaid } : {}),
    ...(replaces ? { replaces } : {}),
  };
}

/** Nobody pays it: the writer carries it a moment after the row. Where it is behind, time to pay must not end between the two. */
const carriedBy = (at: EpochMs): EpochMs => epochMs(at + hourMs);

/** The seats are known, and with them what the new tickets cost. */
const replacesBy = ({ order, rules }: Replacing, change: PlannedChange, tickets: readonly AcceptedTicket[]): Replaces =>
  replacesOf(
    order,
    change,
    pricesOf(
      change,
      tickets.map(({ fareFen }) => fareFen),
      rules!,
    ),
  );

/** Left out where it is the first, as processes of versions before did. */
const policyOf = ({ policy: { version } }: Timetable): Pick<OrderAccepted, "policyVersion"> =>
  version === 1 ? {} : { policyVersion: version };

function linesOf(plans: readonly Plan[], held: readonly Held[]): OrderLines {
  assert(plans.length > 0, "a purchase has a line");
  const first = orderLine(0, plans[0]!, held[0]!);
  // Nearly all have one: a list made of lists costs more than the line.
  if (plans.length === 1) return [first];
  return [first, ...plans.slice(1).map((plan, n) => orderLine(n + 1, plan, held[n + 1]!))];
}

function orderLine(line: number, plan: Plan, held: Held): OrderLine {
  const { run, seatClass, fromStop, toStop } = plan;
  const from = run.train.stops[fromStop]!;
  const to = run.train.stops[toStop]!;
  return {
    line,
    runId: run.runId,
    trainNumber: run.train.trainNumber,
    originDate: run.originDate,
    boardingDate: plan.boardingDate,
    fromStop,
    toStop,
    fromStationId: from.stationId,
    toStationId: to.stationId,
    fromName: from.name,
    toName: to.name,
    departAt: plan.departAt,
    arriveAt: plan.arriveAt,
    seatClass,
    together: held.together,
    preferencesUnmet: held.granted.filter((granted) => !granted).length,
    ...(plan.holdLine === undefined ? {} : { holdLine: plan.holdLine }),
  };
}

/** Those of one line, behind those of the lines before. */
function takeTickets(
  tickets: AcceptedTicket[],
  orderNo: OrderNo,
  line: number,
  { run, seatClass, fromStop, toStop, passengers }: Plan,
  held: Held,
  timetable: Timetable,
) {
  const seats = seatsOf(run.train.composition).get(seatClass)!;
  for (let n = 0; n < passengers.length; n++) {
    const { passenger, ticketType, freeChild } = passengers[n]!;
    const seat = seats[held.seatIndexes[n]!];
    // Whoever holds seats knows the run with more of them already. This process learns it in a moment, and is asked again.
    if (seat === undefined) throw new OtherSeats(run.runId);
    tickets.push({
      ticketNo: ticketNoOf(orderNo, tickets.length),
      line,
      passengerId: passenger.passengerId,
      name: passenger.name,
      documentType: passenger.documentType,
      documentSealed: passenger.documentSealed,
      ...writtenOf(passenger),
      documentMasked: passenger.documentMasked,
      ticketType,
      seatIndex: seat.index,
      coachNo: seat.coachNo,
      seat: seatLabel(seatClass, seat),
      fareFen: timetable.fare(run, seatClass, fromStop, toStop, ticketType, seat),
      ...(freeChild ? { freeChild: freeChildOf(freeChild) } : {}),
    });
  }
}

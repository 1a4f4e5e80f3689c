/**
 * Which tickets become which: checked against the order that they are of, before anything is taken. Pure. The new seats decide what the new
 * tickets cost, so the money is worked out once they are held.
 */
import {
  type AcceptedTicket,
  type ChangeKind,
  type ChangeRequest,
  type ChildRules,
  isFreeChild,
  isWithoutAdult,
  type KnownPassenger,
  lineOf,
  type OrderAccepted,
  type OrderLine,
  type RailwaysFault,
  railwaysFaults,
  type Refusal,
  refusal,
  type Replaces,
  type Timetable,
} from "@chepiao/contracts";
import { type EpochMs, type Fen, fen, ok, refuse, type Result, type ServiceDate } from "@chepiao/kernel";
import { enteredAt, hasGone, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import type { LineRequest } from "../purchase/command.ts";
import { isCoachLost } from "../lostCoach.ts";
import { notRunUntil } from "../notRun.ts";
import type { ChangedTicket } from "../refundFee.ts";
import type { Plan } from "../purchase/plan.ts";
import { ticketTransitions } from "../state.ts";
import type { Replacing } from "./replacing.ts";
import { type ChangeMoney, changeMoney, type ChangeRules, type ChangeTerms, changeTerms } from "./terms.ts";

/** What is known before there are seats. */
export type PlannedChange = {
  readonly kind: ChangeKind;
  readonly terms: ChangeTerms;
  readonly tickets: readonly TicketRecord[];
  readonly byRailway?: true;
};

/** Where the new tickets are to lead. */
export type NewWay = Pick<ChangeRequest, "from" | "originDate" | "seatClass" | "to" | "trainNumber">;

/** Which stations are of one city. */
export type Places = Pick<Timetable, "station">;

function isOneCity(places: Places, one: string, other: string): boolean {
  if (one === other) return true;
  const city = places.station(one)?.city;
  return city !== undefined && city === places.station(other)?.city;
}

/** To another station of the same city one still goes where one went. */
const kindOf = (line: OrderLine, { to }: NewWay, places: Places): ChangeKind =>
  isOneCity(places, to, line.toStationId) ? "reschedule" : "destination";

type Asked = Omit<Replacing, "netFenMax">;

/**
 * Why its railway does not carry whoever has that ticket: to go there otherwise costs nothing, and counts as no change. From a coach that the train
 * has lost one may also go to another of the same train.
 */
function faultOf(
  asked: Asked,
  tickets: readonly TicketRecord[],
  way: NewWay,
  kind: ChangeKind,
  now: EpochMs,
): RailwaysFault | null {
  const { order, lostCoaches } = asked;
  if (isOffFree(asked, tickets, way, kind, now)) return "runCancelled";
  // The train runs: whom a gate has let in goes by it, wherever he sits, and another ticket would let in somebody else.
  const isLost = tickets.every((ticket) => {
    const line = lineOf(order, ticket);
    return enteredAt(ticket, line) === null && isCoachLost(ticket, line, now, lostCoaches);
  });
  return kind === "reschedule" && isLost ? "coachLost" : null;
}

function isOffFree(
  asked: Asked,
  tickets: readonly TicketRecord[],
  way: NewWay,
  kind: ChangeKind,
  now: EpochMs,
): boolean {
  const { order, refund, cancellations, zone } = asked;
  const line = lineOf(order, tickets[0]!);
  const isAnother = way.trainNumber !== line.trainNumber || way.originDate !== line.originDate;
  if (kind !== "reschedule" || !isAnother || now >= line.arriveAt) return false;
  const isIn = tickets.some((ticket) => enteredAt(ticket, lineOf(order, ticket)) !== null);
  const { suspendedDays } = refund;
  const until = notRunUntil(line, order.acceptedAt, now, { suspendedDays, cancellations, isIn, zone });
  // Of a train that runs after all the right ends when it leaves.
  return until !== null && now < until;
}

/** The tickets that are asked for, where they may be changed at all. */
export function ticketsToChange(
  asked: Asked,
  way: NewWay,
  now: EpochMs,
  places: Places,
): Result<readonly TicketRecord[], Refusal> {
  const { order, ticketNos, rules } = asked;
  const tickets: TicketRecord[] = [];
  for (const ticketNo of ticketNos) {
    const ticket = order.tickets.find((each) => each.ticketNo === ticketNo);
    if (!ticket) return refuse(refusal("TicketUnknown", { ticketNo }));
    tickets.push(ticket);
  }
  if (!rules) return refuse(refusal("ChangeNotOffered"));
  const line = lineOf(order, tickets[0]!);
  const kind = kindOf(line, way, places);
  const fault = faultOf(asked, tickets, way, kind, now);
  // The coach was reinstated meanwhile.
  if (asked.byRailway && fault !== "coachLost") return refuse(refusal("TicketNotChangeable"));
  const spent = tickets.find((ticket) => !isChangeable(ticket, line, fault !== null));
  if (spent) {
    const rule = spent.passages ? { rule: "entered" } : {};
    return refuse(refusal("TicketNotChangeable", { ticketNo: spent.ticketNo, state: spent.state, ...rule }));
  }
  if (order.state !== "ticketed") return refuse(refusal("TicketNotChangeable", { state: order.state }));
  if ((order.replaces?.nth ?? 0) >= rules.timesMax && fault === null) return refuse(refusal("ChangedBefore"));
  if (tickets.some((ticket) => ticket.line !== line.line)) return refuse(refusal("ChangeOfOneTrip"));
  const keepsOrigin =
    kind === "reschedule" ? isOneCity(places, way.from, line.fromStationId) : way.from === line.fromStationId;
  if (!keepsOrigin) return refuse(refusal("ChangeOrigin"));
  return isTheSame(line, way) && fault !== "coachLost" ? refuse(refusal("ChangeOfNothing")) : ok(tickets);
}

/** Whose train does not run has not gone by it, though a gate has let him in, until one lets him out elsewhere. */
export const isChangeable = (
  ticket: Pick<TicketRecord, "passages" | "state">,
  line: Pick<OrderLine, "fromStationId">,
  isNotRun: boolean,
): boolean => isState(ticketTransitions[ticket.state][changeEvent(isNotRun)]) && !hasGone(ticket, line);

export const changeEvent = (isNotRun: boolean) => (isNotRun ? "changeNotCarried" : "change");

const isState = (next: string) => next !== "refuse" && next !== "ignore";

const isSameTrain = (line: OrderLine, { trainNumber, originDate }: NewWay): boolean =>
  line.trainNumber === trainNumber && line.originDate === originDate;

const isTheSame = (line: OrderLine, way: NewWay): boolean => isSameTrain(line, way) && isSameTrip(line, way);

const isSameTrip = (line: OrderLine, { from, to, seatClass }: NewWay): boolean =>
  line.fromStationId === from && line.toStationId === to && line.seatClass === seatClass;

/**
 * @param plan the new trip
 * @param saved by their birth dates is known who is a child
 */
export function planChange(
  replacing: Asked,
  way: NewWay,
  plan: Pick<Plan, "boardingDate">,
  saved: readonly KnownPassenger[],
  now: EpochMs,
  places: Places,
): Result<PlannedChange, Refusal> {
  const { rules, refund, zone } = replacing;
  const tickets = ticketsToChange(replacing, way, now, places);
  if (!tickets.ok) return tickets;
  const line = lineOf(replacing.order, tickets.value[0]!);
  const kind = kindOf(line, way, places);
  const { departAt, arriveAt, boardingDate } = line;
  const fault = faultOf(replacing, tickets.value, way, kind, now);
  const parties = partiesOf(replacing.order, tickets.value, line);
  if (
    !isSameTrain(line, way) &&
    leavesChildren(
      parties,
      { mayBeAlone: fault !== null || isReseated(replacing.order), boardingDate, newBoardingDate: plan.boardingDate },
      saved,
      replacing.children,
    )
  )
    return refuse(refusal("ChildWithoutAdult"));
  const grown = fault ? undefined : tickets.value.find(outgrown(saved, line, plan, replacing.children));
  if (grown) return refuse(refusal("FreeChildNotAllowed", { ticketNo: grown.ticketNo }));
  const dates = { departAt, arriveAt, fault, boardingDate, zone, newBoardingDate: plan.boardingDate };
  const terms = changeTerms(kind, dates, now, rules!, refund);
  const { byRailway } = replacing;
  return terms.ok ? ok({ kind, terms: terms.value, tickets: tickets.value, ...(byRailway && { byRailway }) }) : terms;
}

type Parties = { readonly taken: readonly TicketRecord[]; readonly left: readonly TicketRecord[] };

/** Who goes by the new train, and who stays with the old one. */
const partiesOf = (order: OrderRecord, taken: readonly TicketRecord[], line: OrderLine): Parties => ({
  taken,
  left: order.tickets.filter(
    (ticket) => ticket.line === line.line && isChangeable(ticket, line, true) && !taken.includes(ticket),
  ),
});

/** The railway has given these other seats, and perhaps parted a child from its adult. */
const isReseated = ({ replaces }: Pick<OrderRecord, "replaces">): boolean => replaces?.because === "coachLost";

/** Would children be without anybody who went with them, on the new train or on the old one? */
function leavesChildren(
  { taken, left }: Parties,
  on: { readonly mayBeAlone: boolean; readonly boardingDate: ServiceDate; readonly newBoardingDate: ServiceDate },
  saved: readonly KnownPassenger[],
  rules: ChildRules,
): boolean {
  const areAlone = (tickets: readonly TicketRecord[], date: ServiceDate) =>
    isWithoutAdult(travellersOf(tickets, saved), date, rules);
  // Whose adult has given the ticket back is not kept on a train that does not run, and who was parted by the railway not on his.
  if (on.mayBeAlone && areAlone([...taken, ...left], on.boardingDate)) return false;
  return areAlone(taken, on.newBoardingDate) || areAlone(left, on.boardingDate);
}

/** Is the child with that ticket too old to travel free on the new day? One that is not saved any more was young enough on the old day. */
const outgrown =
  (
    saved: readonly KnownPassenger[],
    old: Pick<Plan, "boardingDate">,
    { boardingDate }: Pick<Plan, "boardingDate">,
    rules: ChildRules,
  ) =>
  ({ freeChild }: TicketRecord): boolean => {
    if (!freeChild || boardingDate <= old.boardingDate) return false;
    const child = saved.find(({ documentHash }) => documentHash === freeChild.documentHash);
    return !isFreeChild(child?.birthDate ?? null, boardingDate, rules);
  };

/** A purchase of the new trip, for the same travellers on tickets of the same types. */
export const lineOfChange = (
  tickets: readonly Pick<TicketRecord, "passengerId" | "ticketType">[],
  way: NewWay,
  preferences: ChangeRequest["preferences"] = [],
): LineRequest => ({
  trainNumber: way.trainNumber,
  originDate: way.originDate,
  from: way.from,
  to: way.to,
  seatClass: way.seatClass,
  passengers: tickets.map(({ passengerId, ticketType }, n) => {
    const preference = preferences[n];
    return { passengerId, ticketType, ...(preference ? { preference } : {}) };
  }),
});

/** Who travels stays as the ticket says, whatever the account has made of its saved passengers since. */
export const travellersOf = (
  tickets: readonly TicketRecord[],
  saved: readonly KnownPassenger[],
): readonly KnownPassenger[] =>
  tickets.map((ticket) => ({
    passengerId: ticket.passengerId,
    name: ticket.name,
    documentType: ticket.documentType,
    documentSealed: ticket.documentSealed,
    documentHash: ticket.documentHash,
    documentMasked: ticket.documentMasked,
    proof: ticket.documentUnproved ? "unproved" : "proved",
    ticketType: ticket.ticketType,
    birthDate: saved.find(({ documentHash }) => documentHash === ticket.documentHash)?.birthDate ?? null,
  }));

export type PricedTicket = ChangeMoney & { readonly old: TicketRecord; readonly newFareFen: AcceptedTicket["fareFen"] };

/** Whoever travels free with its passenger goes along. */
export function ticketOnChange(change: PlannedChange, n: number, ticket: AcceptedTicket): AcceptedTicket {
  const { freeChild } = change.tickets[n]!;
  return { ...ticket, fareFen: fareOnChange(change, n, ticket.fareFen), ...(freeChild ? { freeChild } : {}) };
}

/**
 * What a new ticket costs: who is not carried by his train does not pay more for another (rule 3.11 of the railway's), nor does who is moved up by the
 * railway. Who chooses a better class himself because his coach is lost pays for it.
 */
export const fareOnChange = ({ terms, tickets, byRailway }: PlannedChange, n: number, fareFen: Fen): Fen =>
  terms.rule === "runCancelled" || byRailway ? fen(Math.min(fareFen, tickets[n]!.fareFen)) : fareFen;

const railwaysFault = ({ rule }: Pick<ChangeTerms, "rule">): RailwaysFault | undefined =>
  railwaysFaults.find((fault) => fault === rule);

/** @param newFares of the tickets in their order */
export const pricesOf = (
  { tickets, terms }: PlannedChange,
  newFares: readonly AcceptedTicket["fareFen"][],
  rules: ChangeRules,
): readonly PricedTicket[] =>
  tickets.map((old, n) => ({
    old,
    newFareFen: newFares[n]!,
    ...changeMoney(old.fareFen, newFares[n]!, terms, rules),
  }));

/** Nobody pays for tickets of which none costs more than the one it replaces: they stay on that one's payment. */
export const isCarried = (prices: readonly PricedTicket[]): boolean => prices.every(({ netFen }) => netFen <= 0);

export const netOf = (prices: readonly PricedTicket[]): number => prices.reduce((sum, { netFen }) => sum + netFen, 0);

/** What an order that replaces tickets costs, with all that comes back taken off. */
export const netOfReplaced = ({ totalFen }: Pick<OrderAccepted, "totalFen">, replaces: Replaces): number =>
  replaces.tickets.reduce((net, { refundFen }) => net - refundFen, replaces.isCarried ? 0 : totalFen);

/** Of one old fare: what is kept, and what goes back to its payment. */
export function backOf({ old, newFareFen, feeFen, differenceFeeFen }: PricedTicket, carried: boolean) {
  const keptFen = fen(feeFen + differenceFeeFen);
  return { feeFen: keptFen, refundFen: fen(old.fareFen - keptFen - (carried ? newFareFen : 0)) };
}

export function replacesOf(order: OrderRecord, change: PlannedChange, prices: readonly PricedTicket[]): Replaces {
  const { line, runId, departAt } = lineOf(order, change.tickets[0]!);
  const carried = isCarried(prices);
  const because = railwaysFault(change.terms);
  return {
    orderId: order.orderId,
    line,
    runId,
    kind: change.kind,
    nth: (order.replaces?.nth ?? 0) + (because ? 0 : 1),
    ...(because ? { because } : {}),
    ...(change.byRailway ? { byRailway: change.byRailway } : {}),
    departAt,
    isCarried: carried,
    ...earlierThan(order),
    tickets: prices.map((price) => ({
      ticketNo: price.old.ticketNo,
      ...backOf(price, carried),
      ...(because === "coachLost" ? { seat: price.old.seat } : {}),
    })),
  };
}

function earlierThan(order: OrderRecord): Pick<Replaces, "earlier"> {
  const changed = changeOf(order);
  return changed
    ? { earlier: [changed, ...(changed.earlier ?? [])].map(({ changedAt, departAt }) => ({ changedAt, departAt })) }
    : {};
}

/** When the tickets of an order were changed; null where they are as they were bought, or are others only because their train did not run, or without their coach. */
export function changeOf({ acceptedAt, replaces }: Pick<OrderRecord, "acceptedAt" | "replaces">): ChangedTicket | null {
  if (!replaces) return null;
  const { departAt, earlier = [] } = replaces;
  if (replaces.because === undefined) return { changedAt: acceptedAt, departAt, earlier };
  const [last, ...before] = earlier;
  return last ? { ...last, earlier: before } : null;
}

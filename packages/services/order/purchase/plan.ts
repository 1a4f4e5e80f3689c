/** What a purchase asks for, line by line, checked against the timetable, the calendar of sale and the passengers. Pure. */
import {
  type KnownPassenger,
  isWayOff,
  isWithoutAdult,
  mayBuy,
  type OrderLines,
  type OrderRequest,
  type Refusal,
  OtherSeats,
  refusal,
  type Run,
  type SeatClass,
  type SeatPreference,
  seatsOf,
  type TicketType,
  type Timetable,
  type TrainType,
  type Way,
  waysOf,
  serviceOpensAt,
} from "@chepiao/contracts";
import {
  dateIn,
  type EpochMs,
  epochMs,
  formatInZone,
  linesPerOrderMax,
  ok,
  refuse,
  type Result,
  type ServiceDate,
} from "@chepiao/kernel";
import type { LineRequest } from "./command.ts";
import { withFreeChildren } from "./freeChildren.ts";
import type { OrderRules } from "../rules.ts";

export type PlannedPassenger = {
  readonly passenger: KnownPassenger;
  readonly ticketType: TicketType;
  readonly preference: SeatPreference | null;
  /** Travels free with this one, without a seat. */
  readonly freeChild?: KnownPassenger;
};

/** Of one line. */
export type Plan = {
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly saleClosesAt: EpochMs;
  readonly boardingDate: ServiceDate;
  readonly passengers: readonly PlannedPassenger[];
  readonly holdLine?: number;
};

export type PlanRules = Pick<OrderRules, "fares" | "hours" | "orderTicketsMax" | "ticketsMax"> & {
  /** Who goes with a child is asked by the rules that held before: of an entry of the waitlist when it is opened, of a change by `planChange`. */
  readonly isAdultAsked?: boolean;
  /** Of who is seated again: in a better class one keeps the ticket that one had. */
  readonly isTypeKept?: boolean;
};

/** The last moment at which the purchase can be paid: nobody pays for a train whose sale is over. */
export function payByOf(plans: readonly Plan[], at: EpochMs, rules: Pick<OrderRules, "timeToPayMs">): EpochMs {
  let payBy = Number.POSITIVE_INFINITY;
  for (const { departAt, saleClosesAt } of plans)
    payBy = Math.min(payBy, saleClosesAt, at + rules.timeToPayMs(at, departAt));
  return epochMs(payBy);
}

/** Every line, or why one of them cannot be. */
export function planLines(
  lines: OrderLines<LineRequest>,
  saved: readonly KnownPassenger[],
  timetable: Timetable,
  now: EpochMs,
  rules: PlanRules,
): Result<Plan[], Refusal> {
  if (lines.length > linesPerOrderMax) return refuse(refusal("MalformedRequest"));
  const plans: Plan[] = [];
  for (let n = 0; n < lines.length; n++) {
    const plan = planPurchase(lines[n]!, saved, timetable, now, rules);
    if (!plan.ok) return refuse(onLine(plan.error, n, lines.length));
    plans.push(plan.value);
  }
  if (plans.length === 1) return ok(plans);
  if (travellersOf(plans) > rules.ticketsMax) return refuse(refusal("OrderTooLarge", { limit: rules.ticketsMax }));
  return ticketsOf(plans) > rules.orderTicketsMax
    ? refuse(refusal("OrderTooLarge", { ticketsLimit: rules.orderTicketsMax }))
    : ok(plans);
}

const ticketsOf = (plans: readonly Plan[]): number => plans.reduce((sum, { passengers }) => sum + passengers.length, 0);

/** How many people one order is for, however many tickets each of them has. */
const travellersOf = (plans: readonly Plan[]): number =>
  new Set(plans.flatMap(({ passengers }) => passengers.map(({ passenger }) => passenger.documentHash))).size;

/** A refusal of one line of several says of which. */
export const onLine = (why: Refusal, line: number, lineCount: number): Refusal =>
  lineCount === 1 ? why : { ...why, facts: { ...why.facts, line } };

export function planPurchase(
  request: LineRequest,
  saved: readonly KnownPassenger[],
  timetable: Timetable,
  now: EpochMs,
  rules: PlanRules,
): Result<Plan, Refusal> {
  const run = timetable.run(request.trainNumber, request.originDate as ServiceDate);
  if (!run) return refuse(refusal("RunUnknown"));
  const { stops, composition, zone } = run.train;

  const planned = waysOf(timetable, run, request.from, request.to);
  if (planned.length === 0) return refuse(refusal("NotOnRoute"));
  const ways = planned.filter((each) => !isWayOff(timetable.stateOf(run.runId), each));
  if (ways.length === 0) return refuse(refusal("RunCancelled"));
  // How late the waitlist may decide, and at which hours, is its own to say.
  const isOfWaitlist = request.fromStop !== undefined;
  if (!seatsOf(composition).has(request.seatClass)) {
    // Seats that are given are of a class that the train has: this process learns of it in a moment, and nobody loses his place meanwhile.
    return refuse(isOfWaitlist ? new OtherSeats(run.runId).refusal : refusal("ClassNotOffered"));
  }
  const departureOf = ({ fromStop }: Way) => epochMs(run.dayStart + stops[fromStop]!.departS * 1_000);
  const isMeant = ({ fromStop }: Way) => !isOfWaitlist || request.fromStop === fromStop;
  const closesAt = (each: Way) => (isOfWaitlist ? departureOf(each) : timetable.saleClosesAt(run, each.fromStop));
  const way = ways.find((each) => isMeant(each) && now < closesAt(each));
  if (!way) return refuse(refusal("SaleClosed"));
  const { fromStop, toStop } = way;
  const opensAt = timetable.saleOpensAt(run, fromStop);
  if (now < opensAt) {
    return refuse(refusal("SaleNotOpen", { opensAt: formatInZone(opensAt, stops[fromStop]!.zone ?? zone) }));
  }
  const again = isOfWaitlist ? null : serviceOpensAt(rules.hours, timetable.zone, now);
  if (again !== null) return refuse(refusal("ServiceClosed", { opensAt: formatInZone(again, timetable.zone) }));
  const departAt = departureOf(way);
  const arriveAt = epochMs(run.dayStart + stops[toStop]!.arriveS * 1_000);

  const boardingDate = dateIn(stops[fromStop]!.zone ?? zone, departAt);
  const passengers = planPassengers(request, saved, { boardingDate, trainType: run.train.trainType }, rules);
  if (!passengers.ok) return passengers;
  return ok({
    run,
    seatClass: request.seatClass,
    fromStop,
    toStop,
    departAt,
    arriveAt,
    saleClosesAt: closesAt(way),
    boardingDate,
    passengers: passengers.value,
    ...(request.holdLine === undefined ? {} : { holdLine: request.holdLine }),
  });
}

function planPassengers(
  request: OrderRequest,
  saved: readonly KnownPassenger[],
  { boardingDate, trainType }: { readonly boardingDate: ServiceDate; readonly trainType: TrainType },
  { fares, ticketsMax, isAdultAsked = false, isTypeKept = false }: PlanRules,
): Result<PlannedPassenger[], Refusal> {
  if (request.passengers.length > ticketsMax) return refuse(refusal("OrderTooLarge", { limit: ticketsMax }));
  const planned: PlannedPassenger[] = [];
  for (const [index, wanted] of request.passengers.entries()) {
    const passenger = saved.find((candidate) => candidate.passengerId === wanted.passengerId);
    if (!passenger) return refuse(refusal("PassengerUnknown", { ticket: index }));
    if (planned.some((other) => other.passenger.documentHash === passenger.documentHash)) {
      return refuse(refusal("DuplicatePassenger", { ticket: index }));
    }
    if (passenger.proof === "refused") return refuse(refusal("IdentityRefused", { ticket: index }));
    const ticketType = wanted.ticketType ?? passenger.ticketType;
    const asked = { ticketType, seatClass: request.seatClass, trainType, travelDate: boardingDate };
    if (!isTypeKept && !mayBuy(asked, passenger, fares)) {
      return refuse(refusal("TicketTypeNotAllowed", { ticket: index, ticketType }));
    }
    planned.push({ passenger, ticketType, preference: wanted.preference ?? null });
  }
  const together = planned.map(({ passenger, ticketType }) => ({ ...passenger, ticketType }));
  if (!isAdultAsked && isWithoutAdult(together, boardingDate, fares))
    return refuse(refusal("ChildWithoutAdult", { ticket: 0 }));
  const { freeChildren } = request;
  return freeChildren ? withFreeChildren(planned, freeChildren, saved, boardingDate, fares) : ok(planned);
}

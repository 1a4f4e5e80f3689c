/** What a purchase asks for, checked against the timetable, the calendar of sale and the passengers. Pure. */
import {
  type KnownPassenger,
  mayBuy,
  type OrderRequest,
  type Refusal,
  refusal,
  type Run,
  type SeatClass,
  type SeatPreference,
  seatsOf,
  type TicketType,
  type Timetable,
} from "@chepiao/contracts";
import {
  dateIn,
  type EpochMs,
  epochMs,
  formatInZone,
  ok,
  refuse,
  type Result,
  type ServiceDate,
} from "@chepiao/kernel";

export type PlannedPassenger = {
  readonly passenger: KnownPassenger;
  readonly ticketType: TicketType;
  readonly preference: SeatPreference | null;
};

export type Plan = {
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly boardingDate: ServiceDate;
  readonly passengers: readonly PlannedPassenger[];
};

export type PlanSettings = { readonly saleClosesBeforeDepartureMs: number };

export function planPurchase(
  request: OrderRequest,
  saved: readonly KnownPassenger[],
  timetable: Timetable,
  now: EpochMs,
  settings: PlanSettings,
): Result<Plan, Refusal> {
  const run = timetable.run(request.trainNumber, request.originDate as ServiceDate);
  if (!run) return refuse(refusal("RunUnknown"));
  const { stops, composition, zone } = run.train;

  const ways = waysOf(timetable, run, request.from, request.to);
  if (ways.length === 0) return refuse(refusal("NotOnRoute"));
  if (!seatsOf(composition).has(request.seatClass)) return refuse(refusal("ClassNotOffered"));

  if (now < run.saleOpensAt) return refuse(refusal("SaleNotOpen", { opensAt: formatInZone(run.saleOpensAt, zone) }));
  const departureOf = ({ fromStop }: Way) => epochMs(run.dayStart + stops[fromStop]!.departS * 1_000);
  const way = ways.find((each) => now < departureOf(each) - settings.saleClosesBeforeDepartureMs);
  if (!way) return refuse(refusal("SaleClosed"));
  const { fromStop, toStop } = way;
  const departAt = departureOf(way);
  const arriveAt = epochMs(run.dayStart + stops[toStop]!.arriveS * 1_000);

  const boardingDate = dateIn(zone, departAt);
  const passengers = planPassengers(request, saved, boardingDate);
  if (!passengers.ok) return passengers;
  return ok({
    run,
    seatClass: request.seatClass,
    fromStop,
    toStop,
    departAt,
    arriveAt,
    boardingDate,
    passengers: passengers.value,
  });
}

type Way = { readonly fromStop: number; readonly toStop: number };

/**
 * From the one station to the other, earliest first. Where the train calls twice these are the ways that search offers, those
 * that cannot be shortened: on A–B–A–C nobody who goes from A to C boards before the second A.
 */
function waysOf(timetable: Timetable, run: Run, from: string, to: string): Way[] {
  const ways: Way[] = [];
  if (from === to) return ways;
  for (let fromStop = timetable.stopIndex(run, from); fromStop >= 0;) {
    const toStop = timetable.stopIndex(run, to, fromStop + 1);
    if (toStop < 0) break;
    const nextCall = timetable.stopIndex(run, from, fromStop + 1);
    if (nextCall < 0 || nextCall > toStop) ways.push({ fromStop, toStop });
    fromStop = nextCall;
  }
  return ways;
}

function planPassengers(
  request: OrderRequest,
  saved: readonly KnownPassenger[],
  boardingDate: ServiceDate,
): Result<PlannedPassenger[], Refusal> {
  const planned: PlannedPassenger[] = [];
  for (const [index, wanted] of request.passengers.entries()) {
    const passenger = saved.find((candidate) => candidate.passengerId === wanted.passengerId);
    if (!passenger) return refuse(refusal("PassengerUnknown", { ticket: index }));
    if (planned.some((other) => other.passenger.documentHash === passenger.documentHash)) {
      return refuse(refusal("DuplicatePassenger", { ticket: index }));
    }
    const ticketType = wanted.ticketType ?? passenger.ticketType;
    if (!mayBuy(ticketType, passenger, request.seatClass, boardingDate)) {
      return refuse(refusal("TicketTypeNotAllowed", { ticket: index, ticketType }));
    }
    planned.push({ passenger, ticketType, preference: wanted.preference ?? null });
  }
  return ok(planned);
}

/** What an entry asks for, checked against the timetable, the calendar of sale and the passengers; and what it is prepaid with. Pure. */
import {
  type KnownPassenger,
  type Leg,
  isWayOff,
  isWithoutAdult,
  mayBuy,
  type Refusal,
  refusal,
  type Run,
  type Seat,
  type SeatClass,
  seatsOf,
  type TicketType,
  type Timetable,
  type WaitlistRequest,
  type Way,
  waysOf,
  isOffered,
} from "@chepiao/contracts";
import {
  dateIn,
  type EpochMs,
  epochMs,
  type Fen,
  fen,
  formatInZone,
  minuteMs,
  ok,
  parseServiceDate,
  refuse,
  type Result,
  type ServiceDate,
} from "@chepiao/kernel";
import type { AddedTrains, WaitlistChoice, WaitlistPassenger } from "@chepiao/ports/waitlist-store";
import { deadlineUnknown, type WaitlistRules } from "./rules.ts";

export type PlannedEntry = {
  readonly choices: readonly WaitlistChoice[];
  /** One a choice: where it leads. */
  readonly legs: readonly Leg[];
  readonly passengers: readonly WaitlistPassenger[];
  readonly acceptsStanding: boolean;
  readonly addedTrains: AddedTrains | null;
  readonly deadlineMinutes: number;
  readonly prepayFen: Fen;
};

type JourneyGiven = {
  readonly request: Omit<WaitlistRequest, "passengers">;
  readonly timetable: Timetable;
  readonly now: EpochMs;
};
type Given = JourneyGiven & { readonly request: WaitlistRequest; readonly saved: readonly KnownPassenger[] };

export type PlannedChoices = Omit<PlannedEntry, "passengers" | "prepayFen" | "addedTrains">;

export function planEntry(given: Given): Result<PlannedEntry, Refusal> {
  const planned = planChoices(given);
  if (!planned.ok) return planned;
  const { choices, legs } = planned.value;
  const added = planAddedTrains(given, choices);
  if (!added.ok) return added;
  const passengers = planPassengers(given, choices, legs);
  if (!passengers.ok) return passengers;
  const prepayFen = highestFare(given.timetable, legs, choices, passengers.value);
  return ok({ ...planned.value, passengers: passengers.value, addedTrains: added.value, prepayFen });
}

/** Its days count among those of the entry. */
function planAddedTrains(
  { request: { addedTrains }, timetable }: Given,
  choices: readonly WaitlistChoice[],
): Result<AddedTrains | null, Refusal> {
  if (!addedTrains) return ok(null);
  const { departFrom = null, departUntil = null } = addedTrains;
  const dates = addedTrains.dates.map((date) => parseServiceDate(date)).filter((date) => date !== null);
  const isBackwards = departFrom !== null && departUntil !== null && departFrom > departUntil;
  if (dates.length < addedTrains.dates.length || isBackwards) return refuse(refusal("MalformedRequest"));
  const rules = timetable.policy.policy.waitlist;
  const days = new Set([...dates, ...choices.map(({ boardingDate }) => boardingDate)]);
  return days.size > rules.datesMax ? refuse(tooMany(rules)) : ok({ dates, departFrom, departUntil });
}

/** Whoever travels. */
export function planChoices(given: JourneyGiven): Result<PlannedChoices, Refusal> {
  const { request, timetable } = given;
  const rules = timetable.policy.policy.waitlist;
  const { acceptsStanding = false, deadlineMinutes = rules.deadline.preset } = request;
  const unknown = deadlineUnknown(deadlineMinutes, rules);
  if (unknown) return refuse(unknown);
  if (request.choices.length > rules.combinationsMax) return refuse(tooMany(rules));
  const from = stationsOfCity(timetable, request.from);
  const to = stationsOfCity(timetable, request.to);
  if (!from || !to) return refuse(refusal("StationUnknown"));

  const choices: WaitlistChoice[] = [];
  const legs: Leg[] = [];
  for (const [n, wanted] of request.choices.entries()) {
    const leg = planLeg(wanted, from, to, given, deadlineMinutes);
    if (!leg.ok) return refuse(onChoice(leg.error, n));
    const { run } = leg.value;
    if (legs.some((other) => other.run.runId === run.runId)) return refuse(onChoice(refusal("MalformedRequest"), n));
    const classes = classesOf(wanted.seatClasses, run, acceptsStanding);
    if (!classes) return refuse(onChoice(refusal("ClassNotOffered"), n));
    legs.push(leg.value);
    choices.push(choiceOf(n, leg.value, classes));
  }
  if (new Set(choices.map(({ boardingDate }) => boardingDate)).size > rules.datesMax) return refuse(tooMany(rules));
  return ok({ choices, legs, acceptsStanding, deadlineMinutes });
}

const tooMany = ({ datesMax, combinationsMax }: WaitlistRules) =>
  refusal("WaitlistTooMany", { datesMax, combinationsMax });

const onChoice = (why: Refusal, choice: number): Refusal => ({ ...why, facts: { ...why.facts, choice } });

/** All stations of its city, itself first; null where there is no such station. */
export function stationsOfCity(timetable: Timetable, stationId: string): readonly string[] | null {
  const station = timetable.station(stationId);
  if (!station) return null;
  const others = timetable.stations.filter((other) => other.city === station.city && other.stationId !== stationId);
  return [stationId, ...others.map((other) => other.stationId)];
}

function planLeg(
  wanted: WaitlistRequest["choices"][number],
  from: readonly string[],
  to: readonly string[],
  { timetable, now }: JourneyGiven,
  deadlineMinutes: number,
): Result<Leg, Refusal> {
  const run = timetable.run(wanted.trainNumber, wanted.originDate as ServiceDate);
  if (!run) return refuse(refusal("RunUnknown"));
  const state = timetable.stateOf(run.runId);
  if (state?.isCancelled) return refuse(refusal("RunCancelled"));
  const planned = from.flatMap((one) => to.flatMap((other) => waysOf(timetable, run, one, other)));
  if (planned.length === 0) return refuse(refusal("NotOnRoute"));
  const ways = planned.filter((each) => !isWayOff(state, each));
  if (ways.length === 0) return refuse(refusal("RunCancelled"));
  const onSale = ways.filter(({ fromStop }) => now < timetable.saleClosesAt(run, fromStop));
  if (onSale.length === 0) return refuse(refusal("SaleClosed"));
  const opensAt = timetable.saleOpensAt(run, onSale[0]!.fromStop);
  if (now < opensAt) return refuse(refusal("SaleNotOpen", { opensAt: formatInZone(opensAt, run.train.zone) }));
  const way = onSale.find((each) => now < departureOf(run, each) - deadlineMinutes * minuteMs);
  return way ? ok({ run, ...way }) : refuse(refusal("WaitlistTooLate"));
}

export const departureOf = (run: Run, { fromStop }: Way): EpochMs =>
  epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);

/** In order of preference; standing is the last resort of those who accept it. Null where the train does not have one of them. */
function classesOf(wanted: readonly SeatClass[], run: Run, acceptsStanding: boolean): SeatClass[] | null {
  const isThere = (seatClass: SeatClass) => isOffered(run.train.composition, seatClass);
  if (!wanted.every(isThere)) return null;
  const stands = acceptsStanding && isThere("standing") && !wanted.includes("standing");
  return stands ? [...wanted, "standing"] : [...wanted];
}

export function choiceOf(
  choice: number,
  { run, fromStop, toStop }: Leg,
  seatClasses: readonly SeatClass[],
  addedAt: EpochMs | null = null,
): WaitlistChoice {
  const from = run.train.stops[fromStop]!;
  const to = run.train.stops[toStop]!;
  const departAt = departureOf(run, { fromStop, toStop });
  return {
    choice,
    runId: run.runId,
    trainNumber: run.train.trainNumber,
    originDate: run.originDate,
    boardingDate: dateIn(from.zone ?? run.train.zone, departAt),
    fromStop,
    toStop,
    fromStationId: from.stationId,
    toStationId: to.stationId,
    fromName: from.name,
    toName: to.name,
    departAt,
    arriveAt: epochMs(run.dayStart + to.arriveS * 1_000),
    seatClasses,
    endedBecause: null,
    endedAt: null,
    addedAt,
  };
}

/** Each may travel on each of the trains in each of the classes. */
function planPassengers(
  { request, saved, timetable }: Given,
  choices: readonly WaitlistChoice[],
  legs: readonly Leg[],
): Result<WaitlistPassenger[], Refusal> {
  const { fares, waitlist } = timetable.policy.policy;
  if (request.passengers.length > waitlist.passengersMax)
    return refuse(refusal("OrderTooLarge", { limit: waitlist.passengersMax }));
  const planned: (WaitlistPassenger & Pick<KnownPassenger, "birthDate" | "documentHash">)[] = [];
  for (const [ticket, wanted] of request.passengers.entries()) {
    const passenger = saved.find((candidate) => candidate.passengerId === wanted.passengerId);
    if (!passenger) return refuse(refusal("PassengerUnknown", { ticket }));
    const { passengerId, documentHash } = passenger;
    if (planned.some((other) => other.documentHash === documentHash))
      return refuse(refusal("DuplicatePassenger", { ticket }));
    if (passenger.proof === "refused") return refuse(refusal("IdentityRefused", { ticket }));
    const ticketType = wanted.ticketType ?? passenger.ticketType;
    for (const [n, { boardingDate: travelDate, seatClasses, choice }] of choices.entries()) {
      const { trainType } = legs[n]!.run.train;
      if (!seatClasses.every((seatClass) => mayBuy({ ticketType, seatClass, trainType, travelDate }, passenger, fares)))
        return refuse(refusal("TicketTypeNotAllowed", { ticket, ticketType, choice }));
    }
    planned.push({ passengerId, ticketType, documentHash, birthDate: passenger.birthDate });
  }
  const alone = choices.find(({ boardingDate }) => isWithoutAdult(planned, boardingDate, fares));
  if (alone) return refuse(refusal("ChildWithoutAdult", { ticket: 0, choice: alone.choice }));
  return ok(planned.map(({ passengerId, ticketType }) => ({ passengerId, ticketType })));
}

/** The most that any of its trains can cost all of them, so that whichever serves it is paid. */
function highestFare(
  timetable: Pick<Timetable, "fare">,
  legs: readonly Leg[],
  choices: readonly WaitlistChoice[],
  passengers: readonly WaitlistPassenger[],
): Fen {
  const fares = choices.flatMap(({ seatClasses }, n) =>
    seatClasses.map((seatClass) => fareOfAll(timetable, legs[n]!, seatClass, passengers)),
  );
  return fen(Math.max(0, ...fares));
}

export const fareOfAll = (
  timetable: Pick<Timetable, "fare">,
  leg: Leg,
  seatClass: SeatClass,
  passengers: readonly Pick<WaitlistPassenger, "ticketType">[],
): number => passengers.reduce((sum, { ticketType }) => sum + dearest(timetable, leg, seatClass, ticketType), 0);

/** Berths of one class differ by their level. */
function dearest(
  timetable: Pick<Timetable, "fare">,
  { run, fromStop, toStop }: Leg,
  seatClass: SeatClass,
  ticketType: TicketType,
): number {
  const seats = kindsOf(seatsOf(run.train.composition).get(seatClass)!);
  return Math.max(...seats.map((seat) => timetable.fare(run, seatClass, fromStop, toStop, ticketType, seat)));
}

/** A seat of each kind, found once for a class of a composition: there are thousands of seats, and a party asks for sixty trains. */
function kindsOf(seats: readonly Seat[]): readonly Seat[] {
  let kinds = knownKinds.get(seats);
  if (!kinds) knownKinds.set(seats, (kinds = [...new Map(seats.map((seat) => [seat.kind, seat])).values()]));
  return kinds;
}
const knownKinds = new WeakMap<readonly Seat[], readonly Seat[]>();

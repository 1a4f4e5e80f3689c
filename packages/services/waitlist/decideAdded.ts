/** What an entry that accepts added trains has of those that a newer timetable has brought. */
import {
  isWayOff,
  isWithoutAdult,
  type KnownPassenger,
  type Leg,
  mayBuy,
  type Policy,
  type RunId,
  type SeatClass,
  seatsOf,
  type TicketType,
  type Timetable,
} from "@chepiao/contracts";
import { dateIn, type EpochMs, formatInZone, type ZoneName } from "@chepiao/kernel";
import {
  type AddedTrains,
  isPending,
  type WaitlistChange,
  type WaitlistChoice,
  type WaitlistRecord,
} from "@chepiao/ports/waitlist-store";
import { decideByOf, decideMoreChoices } from "./decide.ts";
import { choiceOf, departureOf, fareOfAll, stationsOfCity } from "./plan.ts";

export type AddedRules = {
  /** Under which the entry was opened. */
  readonly policy: { readonly waitlist: Pick<Policy["waitlist"], "combinationsMax">; readonly fares: Policy["fares"] };
  /** The passengers of its account. */
  readonly saved: readonly KnownPassenger[];
};

/** Those of the added runs that the entry accepts become trains of it; null where there are none that it has not got already. */
export function decideAdded(
  entry: WaitlistRecord,
  added: ReadonlySet<RunId>,
  timetable: Timetable,
  rules: AddedRules,
  now: EpochMs,
): WaitlistChange | null {
  if (!isPending(entry)) return null;
  const choices = [...entry.choices];
  for (const leg of acceptedLegs(entry, added, timetable, now)) {
    const isNamed = choices.some(({ runId }) => runId === leg.run.runId);
    const hasRoom = choices.length < rules.policy.waitlist.combinationsMax;
    const choice = hasRoom && !isNamed ? addedChoice(entry, choices.length, leg, timetable, rules, now) : null;
    if (choice) choices.push(choice);
  }
  return choices.length > entry.choices.length ? decideMoreChoices(entry, choices, now) : null;
}

/** The leg as one more of its trains, in the classes of which it could have tickets: over when it is dearer in each than what was prepaid. */
function addedChoice(
  entry: WaitlistRecord,
  number: number,
  leg: Leg,
  timetable: Timetable,
  { policy, saved }: AddedRules,
  now: EpochMs,
): WaitlistChoice | null {
  const one = choiceOf(number, leg, [], now);
  const party = travellersOf(entry, saved);
  if (!party || isWithoutAdult(party, one.boardingDate, policy.fares)) return null;
  const offered = seatsOf(leg.run.train.composition);
  const accepted = new Set(entry.choices.flatMap(({ seatClasses }) => seatClasses));
  // Standing is the last resort of whoever accepts it, also where only one of the trains had nothing else.
  const inOrder: SeatClass[] = [...[...accepted].filter((each) => each !== "standing"), "standing"];
  const asked = { trainType: leg.run.train.trainType, travelDate: one.boardingDate };
  const { fares } = timetable.policy.policy;
  const isSold = (seatClass: SeatClass) =>
    party.every(({ ticketType, passenger }) => mayBuy({ ...asked, ticketType, seatClass }, passenger, fares));
  const classes = inOrder.filter((each) => accepted.has(each) && offered.has(each) && isSold(each));
  if (classes.length === 0) return null;
  const paid = classes.filter((seatClass) => fareOfAll(timetable, leg, seatClass, entry.passengers) <= entry.prepayFen);
  return paid.length > 0
    ? { ...one, seatClasses: paid }
    : { ...one, seatClasses: classes, endedBecause: "WaitlistDearer", endedAt: now };
}

type Traveller = Pick<KnownPassenger, "birthDate"> & {
  readonly ticketType: TicketType;
  readonly passenger: KnownPassenger;
};

/** Null where one of them is not among the account's passengers any more: then no order can be made of it. */
function travellersOf(entry: WaitlistRecord, saved: readonly KnownPassenger[]): readonly Traveller[] | null {
  const party = entry.passengers.flatMap(({ passengerId, ticketType }) => {
    const passenger = saved.find((each) => each.passengerId === passengerId);
    return passenger ? [{ ticketType, birthDate: passenger.birthDate, passenger }] : [];
  });
  return party.length === entry.passengers.length ? party : null;
}

/** Between the stations of its cities, on a day and at a time that it accepts, while it is sold and can be decided about. */
export function acceptedLegs(
  entry: WaitlistRecord,
  added: ReadonlySet<RunId>,
  timetable: Timetable,
  now: EpochMs,
): Leg[] {
  const wish = entry.addedTrains;
  const known = entry.choices.find(
    ({ fromStationId, toStationId }) => timetable.station(fromStationId) && timetable.station(toStationId),
  );
  if (!wish || !known) return [];
  const from = stationsOfCity(timetable, known.fromStationId)!;
  const to = stationsOfCity(timetable, known.toStationId)!;
  // A feed may have brought very many; those of a way and a day are few, and found once for all who ask.
  return wish.dates
    .flatMap((date) => timetable.legs(from, to, date))
    .filter((leg) => added.has(leg.run.runId) && !isWayOff(timetable.stateOf(leg.run.runId), leg))
    .filter((leg) => {
      const departAt = departureOf(leg.run, leg);
      const isSold =
        timetable.saleOpensAt(leg.run, leg.fromStop) <= now && now < timetable.saleClosesAt(leg.run, leg.fromStop);
      const zone = leg.run.train.stops[leg.fromStop]!.zone ?? leg.run.train.zone;
      return isSold && isAccepted(wish, departAt, zone) && now < decideByOf({ departAt }, entry);
    });
}

function isAccepted({ dates, departFrom, departUntil }: AddedTrains, departAt: EpochMs, zone: ZoneName): boolean {
  const clock = formatInZone(departAt, zone).slice(11, 16);
  const isInTime = clock >= (departFrom ?? "") && clock <= (departUntil ?? "24");
  return isInTime && dates.includes(dateIn(zone, departAt));
}

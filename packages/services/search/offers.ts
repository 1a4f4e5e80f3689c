/**
 * From a leg and what is free on it to the row a passenger sees, in two parts: what the leg alone decides, worked out once, and
 * the sale, which moves with the stock and the time.
 */
import {
  type ClassOffer,
  type Composition,
  type Leg,
  type Seat,
  type SeatClass,
  seatClasses,
  seatsOf,
  standingParent,
  type Timetable,
  type TrainOffer,
} from "@chepiao/contracts";
import { dateIn, daysBetween, type EpochMs, epochMs, formatInZone, minuteMs } from "@chepiao/kernel";

export type SaleOffer = Pick<TrainOffer, "sale" | "classes">;
export type FixedOffer = Omit<TrainOffer, keyof SaleOffer>;
type FixedClass = Pick<ClassOffer, "seatClass" | "fareFen" | "fareNote">;

/** What a leg's sale is worked out from. */
export type LegForSale = {
  readonly leg: Leg;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  readonly departsAt: EpochMs;
  /** Its seats are sold before standing is. */
  readonly standsIn: SeatClass | null;
  readonly classes: readonly FixedClass[];
};

export const departureOf = ({ run, fromStop }: Leg): EpochMs =>
  epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);

export function fixedOffer(leg: Leg): FixedOffer {
  const { run, fromStop, toStop } = leg;
  const { train } = run;
  const from = train.stops[fromStop]!;
  const to = train.stops[toStop]!;
  const departAt = departureOf(leg);
  const arriveAt = epochMs(run.dayStart + to.arriveS * 1_000);
  const boardingDate = dateIn(train.zone, departAt);
  return {
    trainNumber: train.trainNumber,
    trainType: train.trainType,
    originDate: run.originDate,
    boardingDate,
    from: { stationId: from.stationId, name: from.name, stop: fromStop, first: fromStop === 0 },
    to: { stationId: to.stationId, name: to.name, stop: toStop, last: toStop === train.stops.length - 1 },
    departAt: formatInZone(departAt, train.zone),
    arriveAt: formatInZone(arriveAt, train.zone),
    durationMinutes: Math.round((arriveAt - departAt) / minuteMs),
    arrivesDaysLater: daysBetween(boardingDate, dateIn(train.zone, arriveAt)),
    saleOpensAt: formatInZone(run.saleOpensAt, train.zone),
  };
}

export function legForSale(leg: Leg, timetable: Timetable, closesBeforeMs: number): LegForSale {
  const { composition } = leg.run.train;
  const departsAt = departureOf(leg);
  return {
    leg,
    opensAt: leg.run.saleOpensAt,
    closesAt: epochMs(departsAt - closesBeforeMs),
    departsAt,
    standsIn: standingParent(composition),
    classes: seatClasses
      .filter((seatClass) => seatsOf(composition).has(seatClass))
      .map((seatClass) => fixedClass(leg, seatClass, timetable)),
  };
}

function fixedClass({ run, fromStop, toStop }: Leg, seatClass: SeatClass, timetable: Timetable): FixedClass {
  const fare = (berth?: Seat) => timetable.fare(run, seatClass, fromStop, toStop, "adult", berth);
  const fareFen = fare();
  const { lower, middleBerth, upper } = berthsOf(run.train.composition).get(seatClass)!;
  if (!lower || !upper) return { seatClass, fareFen };
  const fareNote = { lower: fare(lower), ...(middleBerth && { middleBerth: fare(middleBerth) }), upper: fare(upper) };
  return { seatClass, fareFen, fareNote };
}

/** A berth of each level, in classes that have them. Looked for once a composition: it takes a walk over all its seats. */
type Berths = { readonly [level in "lower" | "middleBerth" | "upper"]: Seat | undefined };
const berthsByComposition = new WeakMap<Composition, ReadonlyMap<SeatClass, Berths>>();

function berthsOf(composition: Composition): ReadonlyMap<SeatClass, Berths> {
  let berths = berthsByComposition.get(composition);
  if (!berths) {
    berths = new Map(
      [...seatsOf(composition)].map(([seatClass, seats]) => {
        const first = (level: keyof Berths) => seats.find((seat) => seat.kind === level);
        return [seatClass, { lower: first("lower"), middleBerth: first("middleBerth"), upper: first("upper") }];
      }),
    );
    berthsByComposition.set(composition, berths);
  }
  return berths;
}

export function saleOffer(
  { opensAt, closesAt, standsIn, classes }: LegForSale,
  free: ReadonlyMap<SeatClass, number>,
  now: EpochMs,
): SaleOffer {
  const seatsLeft = standsIn !== null && (free.get(standsIn) ?? 0) > 0;
  return {
    sale: now < opensAt ? "notYet" : now >= closesAt ? "closed" : "open",
    classes: classes.map((offer) => {
      const count = free.get(offer.seatClass) ?? 0;
      return { ...offer, free: count, sellable: count > 0 && !(offer.seatClass === "standing" && seatsLeft) };
    }),
  };
}

/** When the offer next changes by time alone. */
export function nextTurn({ opensAt, closesAt, departsAt }: LegForSale, now: EpochMs): EpochMs {
  return now < opensAt && opensAt < departsAt ? opensAt : now < closesAt ? closesAt : departsAt;
}

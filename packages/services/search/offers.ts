/**
 * From a leg and what is free on it to the row a passenger sees, in two parts: what the leg alone decides, worked out once, and
 * the sale, which moves with the stock and the time.
 */
import {
  type Availability,
  type ClassAvailability,
  type ClassOffer,
  type Composition,
  isOffered,
  isWayOff,
  type Leg,
  presentSeatsOf,
  type Seat,
  type SeatClass,
  seatClasses,
  type Timetable,
  type TrainOffer,
} from "@chepiao/contracts";
import { dateIn, daysBetween, type EpochMs, epochMs, formatInZone, minuteMs, type ZoneName } from "@chepiao/kernel";

export type SaleOffer = Pick<TrainOffer, "sale" | "classes">;
export type FixedOffer = Omit<TrainOffer, keyof SaleOffer>;
type FixedClass = Pick<ClassOffer, "seatClass" | "fareFen" | "fareNote">;

/** What a leg's sale is worked out from. */
export type LegForSale = {
  readonly leg: Leg;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  readonly departsAt: EpochMs;
  /** The train does not run, or does not call at one of the ends. */
  readonly isCancelled: boolean;
  /** Of the clock where one boards. */
  readonly zone: ZoneName;
  readonly classes: readonly FixedClass[];
};

export const departureOf = ({ run, fromStop }: Leg): EpochMs =>
  epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);

const zoneOf = ({ run: { train }, fromStop }: Leg): ZoneName => train.stops[fromStop]!.zone ?? train.zone;

export function fixedOffer(leg: Leg, timetable: Timetable): FixedOffer {
  const { run, fromStop, toStop } = leg;
  const { train } = run;
  const from = train.stops[fromStop]!;
  const to = train.stops[toStop]!;
  const departAt = departureOf(leg);
  const arriveAt = epochMs(run.dayStart + to.arriveS * 1_000);
  const fromZone = zoneOf(leg);
  const toZone = to.zone ?? train.zone;
  const boardingDate = dateIn(fromZone, departAt);
  return {
    trainNumber: train.trainNumber,
    trainType: train.trainType,
    originDate: run.originDate,
    boardingDate,
    from: { stationId: from.stationId, name: from.name, stop: fromStop, first: fromStop === 0 },
    to: { stationId: to.stationId, name: to.name, stop: toStop, last: toStop === train.stops.length - 1 },
    departAt: formatInZone(departAt, fromZone),
    arriveAt: formatInZone(arriveAt, toZone),
    durationMinutes: Math.round((arriveAt - departAt) / minuteMs),
    arrivesDaysLater: daysBetween(boardingDate, dateIn(toZone, arriveAt)),
    saleOpensAt: formatInZone(timetable.saleOpensAt(run, fromStop), fromZone),
  };
}

export function legForSale(leg: Leg, timetable: Timetable): LegForSale {
  const { composition } = leg.run.train;
  const departsAt = departureOf(leg);
  return {
    leg,
    opensAt: timetable.saleOpensAt(leg.run, leg.fromStop),
    closesAt: timetable.saleClosesAt(leg.run, leg.fromStop),
    departsAt,
    isCancelled: isCancelled(leg, timetable),
    zone: zoneOf(leg),
    classes: seatClasses
      .filter((seatClass) => isOffered(composition, seatClass))
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
      [...presentSeatsOf(composition)].map(([seatClass, seats]) => {
        const first = (level: keyof Berths) => seats.find((seat) => seat.kind === level);
        return [seatClass, { lower: first("lower"), middleBerth: first("middleBerth"), upper: first("upper") }];
      }),
    );
    berthsByComposition.set(composition, berths);
  }
  return berths;
}

export const isCancelled = (leg: Leg, timetable: Timetable): boolean => isWayOff(timetable.stateOf(leg.run.runId), leg);

export function saleOffer(
  { opensAt, closesAt, isCancelled: isOff, zone, classes }: LegForSale,
  stock: Availability,
  now: EpochMs,
): SaleOffer {
  return {
    sale: isOff ? "closed" : now < opensAt ? "notYet" : now >= closesAt ? "closed" : "open",
    classes: classes.map((offer) => {
      const known = stock.get(offer.seatClass);
      const count = isOff ? 0 : (known?.sellable ?? 0);
      if (isOff || known?.refusal !== "NotOnSaleBetween") return { ...offer, free: count, sellable: count > 0 };
      return { ...offer, free: 0, sellable: false, ...keptBack(known, zone) };
    }),
  };
}

const keptBack = ({ changesAt }: ClassAvailability, zone: ZoneName): Pick<ClassOffer, "notOnSaleYet" | "onSaleAt"> => ({
  notOnSaleYet: true,
  ...(changesAt !== null && { onSaleAt: formatInZone(changesAt, zone) }),
});

/** When by time alone more may be sold; Infinity for never. */
export function stockChangesAt(stock: Availability): number {
  let first = Infinity;
  for (const { changesAt } of stock.values()) if (changesAt !== null && changesAt < first) first = changesAt;
  return first;
}

/** When the offer next changes by time alone, but for its stock. */
export function nextTurn({ opensAt, closesAt, departsAt }: LegForSale, now: EpochMs): EpochMs {
  return now < opensAt && opensAt < departsAt ? opensAt : now < closesAt ? closesAt : departsAt;
}

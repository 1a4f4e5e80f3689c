/**
 * From a leg and what is free on it to the row a passenger sees. What depends on the leg alone is worked out once and kept with
 * it; a query then only fills in stock and the state of the sale.
 */
import {
  type ClassOffer,
  type Leg,
  type SeatClass,
  seatClasses,
  seatsOf,
  standingParent,
  type Timetable,
  type TrainOffer,
} from "@chepiao/contracts";
import { dateIn, daysBetween, type EpochMs, epochMs, formatInZone, minuteMs } from "@chepiao/kernel";

type FixedClass = Pick<ClassOffer, "seatClass" | "fareFen" | "fareNote">;
export type PreparedLeg = {
  readonly leg: Leg;
  readonly departAt: EpochMs;
  readonly saleOpensAt: EpochMs;
  readonly standsIn: SeatClass | null;
  readonly fixed: Omit<TrainOffer, "sale" | "classes">;
  readonly classes: readonly FixedClass[];
};

export function prepareLeg(leg: Leg, timetable: Timetable): PreparedLeg {
  const { run, fromStop, toStop } = leg;
  const { train } = run;
  const from = train.stops[fromStop]!;
  const to = train.stops[toStop]!;
  const departAt = epochMs(run.dayStart + from.departS * 1_000);
  const arriveAt = epochMs(run.dayStart + to.arriveS * 1_000);
  const boardingDate = dateIn(train.zone, departAt);
  return {
    leg,
    departAt,
    saleOpensAt: run.saleOpensAt,
    standsIn: standingParent(train.composition),
    fixed: {
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
    },
    classes: seatClasses
      .filter((seatClass) => seatsOf(train.composition).has(seatClass))
      .map((seatClass) => fixedClass(leg, seatClass, timetable)),
  };
}

function fixedClass({ run, fromStop, toStop }: Leg, seatClass: SeatClass, timetable: Timetable): FixedClass {
  const fareFen = timetable.fare(run, seatClass, fromStop, toStop, "adult");
  const seats = seatsOf(run.train.composition).get(seatClass)!;
  const level = (kind: "lower" | "middleBerth" | "upper") => {
    const berth = seats.find((seat) => seat.kind === kind);
    return berth && timetable.fare(run, seatClass, fromStop, toStop, "adult", berth);
  };
  const lower = level("lower");
  const middleBerth = level("middleBerth");
  const upper = level("upper");
  if (lower === undefined || upper === undefined) return { seatClass, fareFen };
  const fareNote = middleBerth === undefined ? { lower, upper } : { lower, middleBerth, upper };
  return { seatClass, fareFen, fareNote };
}

export function offerOf(
  prepared: PreparedLeg,
  free: ReadonlyMap<SeatClass, number>,
  now: EpochMs,
  closesBeforeMs: number,
): TrainOffer {
  const { fixed, standsIn } = prepared;
  const seatsLeft = standsIn !== null && (free.get(standsIn) ?? 0) > 0;
  return {
    ...fixed,
    sale: saleOf(prepared, now, closesBeforeMs),
    classes: prepared.classes.map((offer) => {
      const count = free.get(offer.seatClass) ?? 0;
      return { ...offer, free: count, sellable: count > 0 && !(offer.seatClass === "standing" && seatsLeft) };
    }),
  };
}

function saleOf(prepared: PreparedLeg, now: EpochMs, closesBeforeMs: number): TrainOffer["sale"] {
  if (now < prepared.saleOpensAt) return "notYet";
  return now >= prepared.departAt - closesBeforeMs ? "closed" : "open";
}

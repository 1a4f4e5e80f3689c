/** Which trains call where, at the times that a question is about. */
import type { Run } from "@chepiao/contracts";
import { dateIn, epochMs, secondMs, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import { daySeconds, type Network, stopsPerTrain } from "./network.ts";
import type { Runs } from "./rides.ts";
import type { Question, Tail } from "./question.ts";
import { journeyDaysMax } from "./rules.ts";

/** A train is under way for less than this many days. */
const travelDaysMax = 7;

export type Running = { readonly runKey: number; readonly pattern: number; readonly dayStartS: number };
export type Boarding = Running & { readonly stop: number };

export type Calls = Runs & {
  /** Of those who board where one starts, on the day by the clock there, from now on. */
  boardings(): Boarding[];
  /** Trains that call where one wants to go, after that moment and before the journey has to end: the first to arrive first. */
  tails(afterS: number): Tail[];
  /** The stations at which one may board one of these. */
  boardedBy(tails: readonly Tail[]): (station: number) => boolean;
  /** All trains that are under way at some time between these. */
  running(firstS: number, lastS: number): Iterable<Running>;
  boardingDate(runKey: number, stop: number): ServiceDate;
};

export function createCalls(network: Network, question: Pick<Question, "from" | "to" | "dayNumber" | "now">): Calls {
  const { patterns, timetable } = network;
  const { dayNumber } = question;
  const firstDay = dayNumber - travelDaysMax - 1;
  const lastDay = dayNumber + journeyDaysMax;
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, n) => network.day(firstDay + n));
  // Every pattern of these days is known now.
  const stride = patterns.length;
  const startsS = new Map<ZoneName, readonly [number, number]>();
  const nowS = question.now / secondMs;
  const endS = network.midnight(dayNumber + journeyDaysMax, timetable.zone) / secondMs;

  const runOf = (runKey: number): Run => days[Math.floor(runKey / stride)]![runKey % stride]!;

  /** The day as the clock at a station has it. */
  function dayIn(zone: ZoneName): readonly [number, number] {
    let known = startsS.get(zone);
    if (!known) {
      known = [network.midnight(dayNumber, zone) / secondMs, network.midnight(dayNumber + 1, zone) / secondMs];
      startsS.set(zone, known);
    }
    return known;
  }

  /** Of each call at these stations, the runs of the days on which it may fall into the question's. */
  function* callsAt(stations: ReadonlySet<number>, side: "boarding" | "alighting", daysLater: number) {
    for (const station of stations) {
      for (const call of network.calls(station)) {
        const pattern = Math.floor(call / stopsPerTrain);
        const stop = call % stopsPerTrain;
        const { boards, alights, departs, arrives } = patterns[pattern]!;
        if (!(side === "boarding" ? boards : alights)[stop]) continue;
        const seconds = (side === "boarding" ? departs : arrives)[stop]!;
        const origin = dayNumber - Math.floor(seconds / daySeconds) - firstDay;
        for (let day = Math.max(0, origin - 1); day <= Math.min(days.length - 1, origin + daysLater); day++) {
          const run = days[day]![pattern];
          if (!run) continue;
          const dayStartS = run.dayStart / secondMs;
          yield {
            runKey: day * stride + pattern,
            pattern,
            stop,
            dayStartS,
            atS: dayStartS + seconds,
            train: run.train,
          };
        }
      }
    }
  }

  return {
    runOf,
    patternOf: (runKey) => runKey % stride,
    boardings() {
      const found: Boarding[] = [];
      for (const { runKey, pattern, stop, dayStartS, atS, train } of callsAt(question.from, "boarding", 1)) {
        const [startS, nextS] = dayIn(train.stops[stop]!.zone ?? train.zone);
        if (atS >= startS && atS < nextS && atS > nowS) found.push({ runKey, pattern, stop, dayStartS });
      }
      return found;
    },
    tails(afterS) {
      const found: Tail[] = [];
      for (const { runKey, pattern, stop, dayStartS, atS } of callsAt(question.to, "alighting", journeyDaysMax))
        if (atS > afterS && atS < endS && stop > 0) found.push({ runKey, pattern, stop, dayStartS, arriveS: atS });
      return found.sort((one, other) => one.arriveS - other.arriveS);
    },
    boardedBy(tails) {
      const known = new Uint8Array(network.stationIds.length);
      for (const { pattern, stop: last } of tails) {
        const { stations, boards } = patterns[pattern]!;
        for (let stop = 0; stop < last; stop++) if (boards[stop]) known[stations[stop]!] = 1;
      }
      return (station) => known[station] === 1;
    },
    *running(firstS, lastS) {
      for (let day = 0; day < days.length; day++) {
        const times = network.runTimes(firstDay + day);
        if (times.endS < firstS) continue;
        for (let n = 0; n < times.patterns.length && times.firstS[n]! <= lastS; n++) {
          const pattern = times.patterns[n]!;
          if (times.lastS[n]! >= firstS) yield { runKey: day * stride + pattern, pattern, dayStartS: times.startS[n]! };
        }
      }
    },
    boardingDate(runKey, stop) {
      const { dayStart, train } = runOf(runKey);
      const { departS, zone = train.zone } = train.stops[stop]!;
      return dateIn(zone, epochMs(dayStart + departS * secondMs));
    },
  };
}

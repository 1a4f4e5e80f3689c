/** The board of a station: what leaves or arrives there on a day, by the timetable. It asks for no stock. */
import {
  type BoardAnswer,
  type BoardRow,
  boardRowsMax,
  type StationCall,
  type StopSide,
  type Timetable,
} from "@chepiao/contracts";
import { epochMs, formatInZone, minuteMs, type ServiceDate } from "@chepiao/kernel";

export const boardKeptMs = minuteMs;

export type BoardAsked = {
  readonly stations: readonly string[];
  readonly date: ServiceDate;
  readonly side: StopSide;
  /** `HH:MM` at the station. */
  readonly after: string;
  readonly skip: number;
};

export function boardOf(timetable: Timetable, { stations, date, side, after, skip }: BoardAsked): BoardAnswer {
  const days = stations.map((stationId) => timedCalls(timetable.calls(stationId, side, date), side));
  const from = Math.min(
    ...days.map((calls) => calls[firstWhere(calls, ({ latest }) => latest >= after)]?.ms ?? Infinity),
  );
  const shownMax = skip + boardRowsMax;
  let count = 0;
  const left = days.flatMap((calls) => {
    const start = firstWhere(calls, ({ ms }) => ms >= from);
    count += calls.length - start;
    return calls.slice(start, start + shownMax);
  });
  // Of one station they are in order already.
  if (stations.length > 1) left.sort((a, b) => a.ms - b.ms);
  const rows = left.slice(skip, shownMax).map((call) => rowOf(call, side));
  return { date, stations: [...stations], rows, next: skip + rows.length < count ? skip + rows.length : null };
}

type Call = StationCall & {
  readonly ms: number;
  /** With date and offset, at the station. */
  readonly at: string;
  /** `HH:MM`, the latest so far: it never goes back, as the clock itself does one night a year. */
  readonly latest: string;
};

/** By the calls of a station on a day, as the timetable keeps them: a text of each is made once, and not for everybody who looks. */
const timed = {
  boarding: new WeakMap<readonly StationCall[], readonly Call[]>(),
  alighting: new WeakMap<readonly StationCall[], readonly Call[]>(),
};

function timedCalls(calls: readonly StationCall[], side: StopSide): readonly Call[] {
  const known = timed[side].get(calls);
  if (known) return known;
  let latest = "";
  const made = calls.map(({ run, stop }): Call => {
    const { zone = run.train.zone, arriveS, departS } = run.train.stops[stop]!;
    const ms = run.dayStart + (side === "boarding" ? departS : arriveS) * 1_000;
    const at = formatInZone(epochMs(ms), zone);
    // All calls are of one day: after its date stands the clock.
    const clock = at.slice("2026-12-01T".length, "2026-12-01T00:00".length);
    if (clock > latest) latest = clock;
    return { run, stop, ms, at, latest };
  });
  timed[side].set(calls, made);
  return made;
}

/** Where the first is of which that holds, as it does of all behind it; the length where of none. */
function firstWhere(calls: readonly Call[], holds: (call: Call) => boolean): number {
  let [low, high] = [0, calls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(calls[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function rowOf({ run, stop, at }: Call, side: StopSide): BoardRow {
  const { trainNumber, trainType, stops } = run.train;
  const { stationId, name } = stops[stop]!;
  const end = side === "boarding" ? stops.at(-1)! : stops[0]!;
  return {
    trainNumber,
    trainType,
    originDate: run.originDate,
    stationId,
    name,
    stop,
    at,
    end: { stationId: end.stationId, name: end.name },
  };
}

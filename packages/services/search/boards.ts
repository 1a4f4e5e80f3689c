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
  const calls = stations.flatMap((stationId) =>
    timetable.calls(stationId, side, date).map((call): Call => ({ ...call, ms: msOf(call, side) })),
  );
  // Of one station they are in order already.
  if (stations.length > 1) calls.sort((a, b) => a.ms - b.ms);
  const first = after === "" ? 0 : calls.findIndex((call) => clockOf(call) >= after);
  const start = first < 0 ? calls.length : first + skip;
  const rows = calls.slice(start, start + boardRowsMax).map((call) => rowOf(call, side));
  return { date, stations: [...stations], rows, next: start + rows.length < calls.length ? skip + rows.length : null };
}

type Call = StationCall & { readonly ms: number };

const timeOf = ({ run, stop, ms }: Call): string =>
  formatInZone(epochMs(ms), run.train.stops[stop]!.zone ?? run.train.zone);
/** All rows are of one day: after its date stands the clock. */
const clockOf = (call: Call): string => timeOf(call).slice("2026-12-01T".length, "2026-12-01T00:00".length);

function msOf({ run, stop }: StationCall, side: StopSide): number {
  const { arriveS, departS } = run.train.stops[stop]!;
  return run.dayStart + (side === "boarding" ? departS : arriveS) * 1_000;
}

function rowOf(call: Call, side: StopSide): BoardRow {
  const { run, stop } = call;
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
    at: timeOf(call),
    end: { stationId: end.stationId, name: end.name },
  };
}

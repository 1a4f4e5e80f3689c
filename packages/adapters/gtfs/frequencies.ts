/** `frequencies.txt`: trips that run again and again, one train each time. */
import type { Faults } from "./faults.ts";
import type { Problems } from "./problems.ts";
import type { Read } from "./table.ts";
import { type Departures, secondsOf, type Trip } from "./trip.ts";

const file = "frequencies.txt";
const columns = {
  required: ["trip_id", "start_time", "end_time", "headway_secs"],
  optional: ["exact_times"],
} as const;
/** A train a minute, all day long: more is a slip. */
const trainsPerRowMax = 1_440;

export async function readFrequencies(
  read: Read,
  trips: ReadonlyMap<string, Trip | null>,
  faults: Faults,
  problems: Problems,
): Promise<Departures> {
  const departures = new Map<string, Set<number>>();
  await read(file, columns, (row, line) => {
    const { trip_id: tripId } = row;
    const trip = trips.get(tripId);
    if (trip === null || (!trip && problems.isSpoilt("trips.txt"))) return;
    const wrong = (message: string) => faults.of(tripId, file, line, message);
    if (!trip) return wrong(`trip_id ${tripId || "(empty)"} is not in trips.txt`);
    const from = secondsOf(row.start_time);
    const until = secondsOf(row.end_time);
    const headway = Number(row.headway_secs);
    if (Number.isNaN(from)) return wrong(`start_time "${row.start_time}" is not a time (HH:MM:SS)`);
    if (Number.isNaN(until)) return wrong(`end_time "${row.end_time}" is not a time (HH:MM:SS)`);
    if (until <= from) return wrong(`trip ${tripId}: end_time is not after start_time`);
    if (!/^\d+$/.test(row.headway_secs) || headway === 0)
      return wrong(`headway_secs "${row.headway_secs}" is not a whole number above 0`);
    if ((until - from) / headway > trainsPerRowMax)
      return wrong(`trip ${tripId}: that is more than ${trainsPerRowMax} trains`);
    if (row.exact_times !== "1")
      problems.warn("trips by headway alone are sold as if they kept to it: see exact_times", tripId);
    const known = departures.get(tripId) ?? new Set();
    departures.set(tripId, known);
    for (let at = from; at < until; at += headway) known.add(at);
  });
  return new Map([...departures].map(([tripId, times]) => [tripId, [...times].sort((a, b) => a - b)]));
}

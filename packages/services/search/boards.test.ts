/** Boards against a slow obvious twin, and what they cost. */
import { expect, test } from "bun:test";
import { boardRowsMax, type Run, type StationCall, type Timetable } from "@chepiao/contracts";
import { epochMs, formatInZone, serviceDate, serviceDayStart, type ZoneName } from "@chepiao/kernel";
import fc from "fast-check";
import { type BoardAsked, boardOf } from "./boards.ts";

const zone = "Europe/Berlin" as ZoneName;
/** The day on which the clock goes from 03:00 back to 02:00. */
const date = serviceDate("2026-10-25");
const dayStart = serviceDayStart(date, zone);

function runAt(departS: number, n: number): Run {
  const stop = (stationId: string) => ({ stationId, name: stationId, arriveS: departS, departS, distanceM: 0 });
  const train = { trainNumber: `R${n}`, trainType: "express", zone, stops: [stop("A"), stop("Z")] };
  return { runId: `R${n}/${date}`, originDate: date, dayStart, train } as unknown as Run;
}
const callsOf = (seconds: readonly number[], first = 0): StationCall[] =>
  seconds.toSorted((a, b) => a - b).map((departS, n) => ({ run: runAt(departS, first + n), stop: 0 }));

const timetableOf = (calls: Readonly<Record<string, readonly StationCall[]>>) =>
  ({ calls: (stationId: string) => calls[stationId] ?? [] }) as unknown as Timetable;

function slowBoard(timetable: Timetable, { stations, side, after, skip }: BoardAsked) {
  const calls = stations
    .flatMap((stationId) => timetable.calls(stationId, side, date))
    .map(({ run }) => {
      const ms = run.dayStart + run.train.stops[0]!.departS * 1_000;
      return { trainNumber: run.train.trainNumber, ms, at: formatInZone(epochMs(ms), zone) };
    })
    .toSorted((a, b) => a.ms - b.ms);
  const first = after === "" ? 0 : calls.findIndex(({ at }) => at.slice(11, 16) >= after);
  const left = first < 0 ? [] : calls.slice(first + skip);
  const rows = left.slice(0, boardRowsMax).map(({ trainNumber, at }) => `${trainNumber} ${at}`);
  return { rows, next: rows.length < left.length ? skip + rows.length : null };
}

test("a board is that of an obvious scan, from any time on, of one station or two, also when the clock goes back", () => {
  const seconds = fc.array(
    fc.integer({ min: 0, max: 25 * 12 - 1 }).map((fives) => fives * 300),
    { maxLength: 90 },
  );
  const after = fc
    .integer({ min: 0, max: 95 })
    .map((n) => `${String(Math.floor(n / 4)).padStart(2, "0")}:${String((n % 4) * 15).padStart(2, "0")}`);
  fc.assert(
    fc.property(seconds, seconds, fc.oneof(fc.constant(""), after), fc.nat({ max: 99 }), (a, b, from, skip) => {
      const timetable = timetableOf({ A: callsOf(a), B: callsOf(b, 1_000) });
      for (const stations of [["A"], ["A", "B"]]) {
        const asked = { stations, date, side: "boarding", after: from, skip } as const;
        // The second is made of what the first has left.
        for (let time = 0; time < 2; time++) {
          const { rows, next } = boardOf(timetable, asked);
          const said = rows.map(({ trainNumber, at }) => `${trainNumber} ${at}`);
          expect({ rows: said, next }).toEqual(slowBoard(timetable, asked));
        }
      }
    }),
  );
});

test("who looks at a board that somebody has looked at reads no more calls than are shown", () => {
  let reads = 0;
  const calls = Array.from({ length: 2_000 }, (_, n): StationCall => {
    const run = runAt(n * 40, n);
    return {
      get run() {
        reads++;
        return run;
      },
      stop: 0,
    };
  });
  const asked = { stations: ["A"], date, side: "boarding", after: "18:00", skip: 0 } as const;
  const first = boardOf(timetableOf({ A: calls }), asked);
  reads = 0;
  expect(boardOf(timetableOf({ A: calls }), asked)).toEqual(first);
  expect(reads).toBeLessThanOrEqual(boardRowsMax);
});

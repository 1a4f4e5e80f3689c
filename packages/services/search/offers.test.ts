/** What a passenger reads of a leg is told by the clocks at its two ends. */
import { expect, test } from "bun:test";
import type { Leg, RunStop, Run, Timetable } from "@chepiao/contracts";
import { runId } from "@chepiao/contracts";
import { serviceDate, serviceDayStart, type ZoneName } from "@chepiao/kernel";
import { fixedOffer } from "./offers.ts";

const london = "Europe/London" as ZoneName;
const paris = "Europe/Paris" as ZoneName;
const originDate = serviceDate("2026-12-03");
const stop = (stationId: string, arriveS: number, departS: number, zone?: ZoneName): RunStop => ({
  stationId,
  name: stationId,
  arriveS,
  departS,
  distanceM: 0,
  ...(zone ? { zone } : {}),
});
const legOf = (fromStop: number, toStop: number, ...stops: RunStop[]): Leg => {
  const train = {
    trainNumber: "G1",
    trainType: "emu",
    zone: london,
    stops,
    trainVersionId: 1,
  } as unknown as Run["train"];
  const dayStart = serviceDayStart(originDate, london);
  return {
    run: { runId: runId("G1", originDate), originDate, train, dayStart },
    fromStop,
    toStop,
  };
};

const timetable = { saleOpensAt: ({ dayStart }) => dayStart } as Pick<Timetable, "saleOpensAt"> as Timetable;

test("a train across a border arrives by the clock there, and takes as long as it takes", () => {
  const leg = legOf(0, 1, stop("A", 28_800, 28_800), stop("C", 36_000, 36_000, paris));
  expect(fixedOffer(leg, timetable)).toMatchObject({
    departAt: "2026-12-03T08:00:00+00:00",
    arriveAt: "2026-12-03T11:00:00+01:00",
    durationMinutes: 120,
    arrivesDaysLater: 0,
  });
});

test("who boards abroad after midnight there boards on that day", () => {
  const stops = [stop("A", 75_600, 75_600), stop("C", 84_600, 84_900, paris), stop("E", 88_200, 88_200, paris)];
  expect(fixedOffer(legOf(1, 2, ...stops), timetable)).toMatchObject({
    originDate: "2026-12-03",
    boardingDate: "2026-12-04",
    departAt: "2026-12-04T00:35:00+01:00",
    arriveAt: "2026-12-04T01:30:00+01:00",
    arrivesDaysLater: 0,
  });
  expect(fixedOffer(legOf(0, 2, ...stops), timetable)).toMatchObject({
    boardingDate: "2026-12-03",
    arrivesDaysLater: 1,
  });
});

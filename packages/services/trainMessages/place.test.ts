/** What one message can say at most; what messages become is tested with a timetable, in apps/server. */
import { expect, test } from "bun:test";
import { epochMs, parseZone } from "@chepiao/kernel";
import { placeMessages, type RunNames } from "./place.ts";

test("a notice names 500 stations at most", () => {
  const names = {
    zone: parseZone("UTC")!,
    stationOfStop: (stopId: string) => stopId,
    trainNumbersOf: () => [],
  } as Partial<RunNames> as RunNames;
  const title = [{ language: "en", text: "Wind" }];
  const stopIds = Array.from({ length: 600 }, (_, n) => `S${n}`);
  const alert = { title, text: [], url: null, periods: [], trips: [], stopIds, routeIds: [], isWide: false };
  const { states } = placeMessages({ at: epochMs(0), trips: [], alerts: [alert] }, names);
  expect(states.notices.map(({ stationIds }) => stationIds.length)).toEqual([500]);
});

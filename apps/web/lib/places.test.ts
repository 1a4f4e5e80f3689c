/** What a place of an address is called, whoever wrote the address. */
import { expect, test } from "bun:test";
import type { StationFound } from "@chepiao/contracts";
import { placeName } from "./places.ts";

const station = (stationId: string, name: string, nameEn: string, pinyin: string) =>
  ({ stationId, name, nameEn, pinyin, city: "北京", cityEn: "Beijing" }) as StationFound;
const stations = [
  station("BEIJING", "北京", "Beijing", "beijing"),
  station("BEIJINGNAN", "北京南", "Beijing South", "beijingnan"),
];

test("a station is called by its id, however it is written, and a city by its name in either language", () => {
  const south = { zh: "北京南", en: "Beijing South", isCity: false };
  for (const place of ["BEIJINGNAN", "beijingnan", "北京南", "beijing south"])
    expect(placeName(place, stations)).toEqual(south);
  const city = { zh: "北京", en: "Beijing", isCity: true };
  for (const place of ["北京", "Beijing", "beijing"]) expect(placeName(place, stations)).toEqual(city);
  expect(placeName("BEIJING", stations)).toEqual({ zh: "北京", en: "Beijing", isCity: false });
  expect(placeName("tianjin", stations)).toBeNull();
});

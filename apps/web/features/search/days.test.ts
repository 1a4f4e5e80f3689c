/** What the strip of days says of a day. */
import { expect, test } from "bun:test";
import { en } from "../../messages/en.ts";
import { zh } from "../../messages/zh.ts";
import { noteOf } from "./DateStrip.tsx";
import { groupsOf } from "./StationField.tsx";

const date = "2026-12-08";

test("a day says its lowest fare, or that nothing is left; of a day without trains nothing is said", () => {
  const fare = { date, trains: 3, lowestFen: 15_700 };
  expect([noteOf(fare, zh), noteOf(fare, en)]).toEqual([
    { short: "¥157", long: "¥157 起" },
    { short: "¥157", long: "from ¥157" },
  ]);
  expect(noteOf({ date, trains: 3, lowestFen: null }, zh)?.short).toBe(zh.search.soldOut);
  expect(noteOf({ date, trains: 0, lowestFen: null }, zh)).toBeNull();
  expect(noteOf(undefined, zh)).toBeNull();
});

test("cities that are written alike in English stay two, each with its own name", () => {
  const station = (stationId: string, city: string) => ({
    stationId,
    city,
    name: city,
    nameEn: "Suzhou",
    cityEn: "Suzhou",
    pinyin: "suzhou",
    initials: "sz",
    latitude: null,
    longitude: null,
  });
  const options = groupsOf([station("SZ", "苏州"), station("SU", "宿州")], "all", "en").flatMap(
    (group) => group.options,
  );
  expect(options.map(({ en: name, zh: local }) => [name, local])).toEqual([
    ["Suzhou", "苏州"],
    ["Suzhou", "宿州"],
  ]);
});

/** What the strip of days says of a day. */
import { expect, test } from "bun:test";
import { en } from "../../messages/en.ts";
import { zh } from "../../messages/zh.ts";
import { dayLabel, noteOf, opensNote } from "./dayNotes.ts";
import { groupsOf, withoutOther } from "./StationField.tsx";

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

test("a day that is not on sale yet says at what hour it is, to the eye and to the ear, where that is today or tomorrow", () => {
  const day = { date: "2026-12-20", sale: "notYet", opensAt: "2026-12-06T08:00:00+08:00" } as const;
  const noteOn = (today: string, opensAt: string | null = day.opensAt) =>
    [zh, en].map((messages) => opensNote({ ...day, opensAt }, today, messages));
  expect(noteOn("2026-12-06")).toEqual(["今 08:00", "08:00"]);
  expect(noteOn("2026-12-05")).toEqual(["明 08:00", "tmw 08:00"]);
  expect(noteOn("2026-12-04")).toEqual([zh.search.notYet, en.search.notYet]);
  expect(noteOn("2026-12-06", null)).toEqual([zh.search.notYet, en.search.notYet]);
  expect(dayLabel(day, "2026-12-06", undefined, zh)).toEndWith("今 08:00");
});

const station = (stationId: string, city: string, english = city) => ({
  stationId,
  city,
  name: city,
  nameEn: english,
  cityEn: english,
  pinyin: english,
  initials: "",
  latitude: null,
  longitude: null,
});

test("what stands in the other field is not offered again, nor a city that nobody typed", () => {
  const groups = groupsOf([station("BJP", "北京"), station("VNP", "北京"), station("AOH", "上海")], "all", "zh");
  const offered = (other: string, typed: string) =>
    withoutOther(groups, other, typed).map(({ city, options }) => [city, ...options.map(({ place }) => place)]);
  expect(offered("", "")).toEqual([
    ["北京", "北京", "BJP", "VNP"],
    ["上海", "AOH"],
  ]);
  expect(offered("北京", "")).toEqual([["上海", "AOH"]]);
  expect(offered("北京", "bei")).toEqual([
    ["北京", "BJP", "VNP"],
    ["上海", "AOH"],
  ]);
  expect(offered("AOH", "shang")).toEqual([["北京", "北京", "BJP", "VNP"]]);
});

test("cities that are written alike in English stay two, each with its own name", () => {
  const both = [station("SZ", "苏州", "Suzhou"), station("SU", "宿州", "Suzhou")];
  const options = groupsOf(both, "all", "en").flatMap((group) => group.options);
  expect(options.map(({ en: name, zh: local }) => [name, local])).toEqual([
    ["Suzhou", "苏州"],
    ["Suzhou", "宿州"],
  ]);
});

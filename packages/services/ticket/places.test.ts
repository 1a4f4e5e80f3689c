/** What people type and the stations they mean. */
import { expect, test } from "bun:test";
import type { Station } from "@chepiao/contracts";
import { createPlaces } from "./places.ts";

const place = (
  stationId: string,
  name: string,
  city: string,
  pinyin: string,
  initials: string,
  nameEn = pinyin,
): Station => ({
  stationId,
  name,
  city,
  pinyin,
  initials,
  nameEn,
  latitude: null,
  longitude: null,
});
const stations = [
  place("BJP", "北京", "北京", "beijing", "bj"),
  place("VNP", "北京南", "北京", "beijingnan", "bjn"),
  place("BJB", "宝鸡", "宝鸡", "baoji", "bj"),
  place("AOH", "上海虹桥", "上海", "shanghaihongqiao", "shhq"),
  place("SNH", "上海南", "上海", "shanghainan", "shn"),
  place("XAY", "西安", "西安", "xian", "xa", "Xi'an"),
  place("ZUE", "Zürich HB", "Zürich HB", "zurichhb", "zh", "Zürich HB"),
];
const calls: Record<string, number> = { BJP: 10, VNP: 90, BJB: 50, AOH: 80, SNH: 15, XAY: 30, ZUE: 1 };
const { resolve, suggest } = createPlaces(stations, (stationId) => calls[stationId]!);
const suggested = (text: string, limit = 10) => suggest(text, limit).map((station) => station.stationId);

test("a city means all its stations, the busiest first", () => {
  for (const text of ["北京", "北京市", " 北京 ", "beijing", "BeiJing"]) expect(resolve(text)).toEqual(["VNP", "BJP"]);
  expect(resolve("上海")).toEqual(["AOH", "SNH"]);
  expect(resolve("shanghai")).toEqual(["AOH", "SNH"]);
});

test("a station is meant by its id, name, pinyin or English name", () => {
  for (const text of ["BJP"]) expect(resolve(text)).toEqual(["BJP"]);
  for (const text of ["北京南", "北京南站", "beijingnan"]) expect(resolve(text)).toEqual(["VNP"]);
  for (const text of ["Xi'an", "xian", "西安"]) expect(resolve(text)).toEqual(["XAY"]);
  for (const text of ["zurich hb", "Zürich HB"]) expect(resolve(text)).toEqual(["ZUE"]);
});

test("what means nothing resolves to nothing", () => {
  for (const text of ["", "  ", "nowhere", "站", "bj"]) expect(resolve(text)).toEqual([]);
});

test("suggestions: names first, then pinyin and initials, busier cities before quieter", () => {
  expect(suggested("北京")).toEqual(["BJP", "VNP"]);
  expect(suggested("bj")).toEqual(["BJP", "BJB", "VNP"]);
  expect(suggested("shang")).toEqual(["AOH", "SNH"]);
  expect(suggested("南")).toEqual(["VNP", "SNH"]);
  expect(suggested("xi'")).toEqual(["XAY"]);
  expect(suggested("")).toEqual(["VNP", "BJP", "AOH", "SNH", "BJB", "XAY", "ZUE"]);
  expect(suggested("", 2)).toEqual(["VNP", "BJP"]);
  expect(suggested("qqq")).toEqual([]);
});

/** What people type and the stations they mean. */
import { expect, test } from "bun:test";
import type { Station } from "@chepiao/contracts";
import type { ZoneName } from "@chepiao/kernel";
import { createStationIndex } from "./stationIndex.ts";

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
const { resolve, suggest, cityEnglish } = createStationIndex(stations, (stationId) => calls[stationId]!);
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

test("vowel signs are letters, and accents are not", () => {
  const stationIndex = createStationIndex(
    [place("A", "कलपुर", "कलपुर", "", ""), place("B", "कालपुर", "कालपुर", "", "")],
    () => 1,
  );
  expect(stationIndex.resolve("कलपुर")).toEqual(["A"]);
  expect(stationIndex.resolve("कालपुर")).toEqual(["B"]);
  expect(stationIndex.suggest("काल", 9).map((station) => station.stationId)).toEqual(["B"]);
  expect(suggested("zür")).toEqual(suggested("zur"));
});

test("a name is found by its other readings, behind those whose name it is", () => {
  const zone = "Asia/Urumqi" as ZoneName;
  const yuxian = { ...place("Y", "蔚县", "蔚县", "yuxian", "yx"), aliases: ["weixian"], zone };
  const hamano = { ...place("K", "北浜野", "北浜野", "北浜野", "北", "Kitahamano"), aliases: ["きたはまの"] };
  const cologne = {
    ...place("C", "Cologne Central", "Cologne Central", "colognecentral", "cc", "Cologne Central"),
    aliases: ["Koeln Hbf", "Köln Hbf"],
  };
  const stationIndex = createStationIndex(
    [yuxian, place("W", "威县", "威县", "weixian", "wx"), hamano, cologne],
    () => 1,
  );
  const found = (text: string) => stationIndex.suggest(text, 9).map((station) => station.stationId);
  expect(found("yuxian")).toEqual(["Y"]);
  expect(found("weixian")).toEqual(["W", "Y"]);
  for (const text of ["kitahamano", "きたはまの", "キタハマノ", "きたは", "北浜"]) expect(found(text)).toEqual(["K"]);
  expect(stationIndex.resolve("キタハマノ")).toEqual(["K"]);
  for (const text of ["Köln", "Koeln", "koln", "Cologne"]) expect(found(text)).toEqual(["C"]);
  // What is stored of a station beyond what everybody is told stays here.
  expect(stationIndex.suggest("yuxian", 9)).toEqual([place("Y", "蔚县", "蔚县", "yuxian", "yx")]);
});

test("an id is found as it is, whatever marks are in it", () => {
  const ids = ["place-a", "Bee Jn.", "c,d", "..", "x".repeat(60)];
  const stationIndex = createStationIndex(
    ids.map((id, n) => place(id, `名${n}`, `名${n}`, "", "")),
    () => 1,
  );
  for (const id of ids) {
    expect(stationIndex.suggest(id, 9).map((station) => station.stationId)).toEqual([id]);
    expect(stationIndex.resolve(id)).toEqual([id]);
  }
});

test("spaces, dashes, apostrophes and what nobody sees do not matter, of whatever kind they are", () => {
  const names = ["Köln–Deutz", "Le Bourg-d’Oisans", "می\u200cدان", "서울"];
  const stationIndex = createStationIndex(
    names.map((name, n) => place(`${n}`, name, name, "", "", name)),
    () => 1,
  );
  for (const [n, text] of ["koln-deutz", "le bourg d'oisans", "میدان", "서울"].entries())
    expect(stationIndex.suggest(text, 9).map((station) => station.stationId)).toEqual([`${n}`]);
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

const china = createStationIndex(
  [
    place("BJP", "北京", "北京", "beijing", "bj", "Beijing"),
    place("VNP", "北京南", "北京", "beijingnan", "bjn", "Beijing South"),
    place("AOH", "上海虹桥", "上海", "shanghaihongqiao", "shhq", "Shanghai Hongqiao"),
    place("SNH", "上海南", "上海", "shanghainan", "shn", "Shanghai South"),
    place("GZQ", "广州", "广州", "guangzhou", "gz", "Guangzhou"),
    place("CUW", "重庆北", "重庆", "chongqingbei", "cqb", "Chongqing North"),
    place("CXW", "重庆西", "重庆", "chongqingxi", "cqx", "Chongqing West"),
    place("CYW", "沙坪坝", "重庆", "shapingba", "spb", "Shapingba"),
    place("UAH", "六安", "六安", "luan", "la", "Lu'an"),
    place("LVV", "吕梁", "吕梁", "luliang", "ll", "Lüliang"),
    place("RZH", "温州南", "温州", "wenzhounan", "wzn", "Wenzhou South"),
    place("CBQ", "潮汕", "潮州", "chaoshan", "cs", "Chaoshan"),
    place("WAR", "乌鲁木齐", "乌鲁木齐", "wulumuqi", "wlmq", "Ürümqi"),
  ],
  () => 1,
);
const meant = (text: string) => china.suggest(text, 1).map(({ name }) => name);

test.each([
  ["full width", "ｂｅｉｊｉｎｇ　ｓｏｕｔｈ", "北京南"],
  ["marks that nobody sees", "\u200b北\u200d京\ufeff南\u202e", "北京南"],
  ["tones", "Běijīng nán", "北京南"],
  ["a suffix", "北京南站", "北京南"],
  ["a suffix", "广州市", "广州"],
  ["a suffix", "北京南火车站", "北京南"],
  ["a suffix in English", "Beijing South Railway Station", "北京南"],
  ["the initials of a station in its city", "hq", "上海虹桥"],
  ["traditional characters", "廣州", "广州"],
  ["traditional characters", "上海虹橋", "上海虹桥"],
  ["traditional characters", "重慶", "重庆北"],
  ["traditional characters", "烏魯木齊", "乌鲁木齐"],
  ["a character that sounds the same", "广洲", "广州"],
  ["another reading", "zhongqing", "重庆北"],
  ["another reading", "liuan", "六安"],
  ["v for ü", "lvliang", "吕梁"],
  ["without accents", "urumqi", "乌鲁木齐"],
  ["a slip", "shnaghai hongqiao", "上海虹桥"],
  ["a slip", "guagzhou", "广州"],
])("what people type is understood, by %s: %s", (_, typed, name) => {
  expect(meant(typed)).toEqual([name]);
});

test("what is nothing like a station finds none, however long or strange it is", () => {
  for (const text of ["qqq", "x".repeat(50), "的".repeat(50)]) expect(meant(text)).toEqual([]);
});

test("a city is called in English as its stations are, whatever else lies in it", () => {
  expect(["北京", "上海", "重庆", "温州", "潮州", "乌鲁木齐"].map(china.cityEnglish)).toEqual([
    "Beijing",
    "Shanghai",
    "Chongqing",
    "Wenzhou",
    "Chaozhou",
    "Ürümqi",
  ]);
  expect(cityEnglish("Zürich HB")).toBe("Zürich HB");
});

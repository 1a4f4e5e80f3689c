/** Money, times and printed places as both languages show them. */
import { expect, test } from "bun:test";
import { en } from "../messages/en.ts";
import { zh } from "../messages/zh.ts";
import { addDays, dayOfYearText, dayText, daysFrom, durationText, minutesOfDay, seatText, timeOf } from "./format.ts";

test("money is written alike in both languages, with its hundredths where it is added up", () => {
  for (const messages of [zh, en]) {
    expect([0, 5, 55_250, 174_600].map((amount) => messages.money(amount))).toEqual([
      "¥0",
      "¥0.05",
      "¥552.50",
      "¥1,746",
    ]);
    expect([55_250, 174_600].map((amount) => messages.money(amount, true))).toEqual(["¥552.50", "¥1,746.00"]);
  }
});

test("times are the railway's, wherever the reader is", () => {
  expect(timeOf("2026-11-23T03:38:00+08:00")).toBe("03:38");
  expect(minutesOfDay("2026-11-23T23:59:00+06:00")).toBe(1_439);
  expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  expect(daysFrom("2026-12-31", "2027-01-02")).toBe(2);
  expect([dayText("2026-11-23", zh), dayText("2026-11-23", en)]).toEqual(["11月23日 周一", "Mon 23 Nov"]);
  expect([dayOfYearText("2027-09-30", zh), dayOfYearText("2027-09-30", en)]).toEqual(["2027年9月30日", "30 Sep 2027"]);
  expect([834, 60, 25].map((minutes) => durationText(minutes, en))).toEqual(["13 h 54 m", "1 h", "25 min"]);
});

test("every printed place is said again in the language of the page", () => {
  const printed = ["05车12A", "05车03号下铺", "12车21号中铺", "05车045号", "05车无座"];
  expect(printed.map((label) => seatText(label, zh))).toEqual([
    "05车 12A",
    "05车 3号下铺",
    "12车 21号中铺",
    "05车 45号",
    "05车 无座",
  ]);
  expect(printed.map((label) => seatText(label, en))).toEqual([
    "Coach 5, seat 12A",
    "Coach 5, lower berth 3",
    "Coach 12, middle berth 21",
    "Coach 5, seat 45",
    "Coach 5, standing",
  ]);
  expect(seatText("somewhere else", en)).toBe("somewhere else");
});

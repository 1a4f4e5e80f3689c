/** A calendar of the days that can be searched. */
import { expect, test } from "bun:test";
import { addDays } from "../../lib/format.ts";
import { dayAfterKey, monthsOf } from "./months.ts";

const days = Array.from({ length: 20 }, (_, n) => ({ date: addDays("2026-11-25", n) }));

test("every day stands once in its month, below its day of the week, and what cannot be searched is empty", () => {
  const shown = monthsOf(days).map(({ month, weeks }) => [
    month,
    weeks.map((week) => week.map((day) => (day ? Number(day.date.slice(8)) : 0))),
  ]);
  expect(shown).toEqual([
    [
      "2026-11",
      [
        [0, 0, 25, 26, 27, 28, 29],
        [30, 0, 0, 0, 0, 0, 0],
      ],
    ],
    [
      "2026-12",
      [
        [0, 1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 11, 12, 13],
        [14, 0, 0, 0, 0, 0, 0],
      ],
    ],
  ] as never);
});

test("arrows walk by a day and by a week, over the end of a month and never off the calendar", () => {
  const from = (key: string, date: string) => dayAfterKey(key, date, days);
  expect(from("ArrowRight", "2026-11-30")).toBe("2026-12-01");
  expect(from("ArrowLeft", "2026-12-01")).toBe("2026-11-30");
  expect(from("ArrowDown", "2026-11-30")).toBe("2026-12-07");
  expect(from("ArrowUp", "2026-12-07")).toBe("2026-11-30");
  expect(from("End", "2026-11-30")).toBe("2026-12-14");
  expect(from("Home", "2026-12-14")).toBe("2026-11-25");
  expect([from("ArrowLeft", "2026-11-25"), from("ArrowDown", "2026-12-14"), from("a", "2026-12-01")]).toEqual([
    null,
    null,
    null,
  ]);
});

/** A board begins a little before now, and on other days with the day. */
import { expect, test } from "bun:test";
import { boardStart } from "./boardStart.ts";

const start = (date: string, clock: string) =>
  boardStart(date, { today: "2026-12-01", now: `2026-12-01T${clock}:00+08:00` });

test("today's board begins an hour before now, or with the day; another day's with the day", () => {
  expect(start("2026-12-01", "18:47")).toBe("17:40");
  expect(start("2026-12-01", "10:00")).toBe("09:00");
  expect(start("2026-12-01", "00:30")).toBe("");
  expect(start("2026-12-02", "18:47")).toBe("");
});

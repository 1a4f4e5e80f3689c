/** How long it is until the train leaves: in days from afar, by the clock on the last day. */
import { expect, test } from "bun:test";
import { en } from "../../messages/en.ts";
import { zh } from "../../messages/zh.ts";
import { leavesText } from "./NextTrip.tsx";

const trip = { departAt: "2026-12-03T08:44:00+08:00" };
const at = (text: string, messages = en) => leavesText(trip, Date.parse(text), messages);

test("days and hours from afar, hours, minutes and seconds on the last day, then that the train has left", () => {
  expect(at("2026-12-01T06:00:00+08:00")).toBe("Departs in 2 days 2 hours");
  expect(at("2026-12-01T06:00:00+08:00", zh)).toBe("2 天 2 小时 后开车");
  expect(at("2026-12-02T08:43:59+08:00")).toBe("Departs in 1 day 0 hours");
  expect(at("2026-12-02T08:44:01+08:00")).toBe("Departs in 23:59:59");
  expect(at("2026-12-03T08:43:59+08:00")).toBe("Departs in 00:01");
  expect(at("2026-12-03T08:44:00+08:00")).toBe("The train has left");
});

/** The way back begins where the way there ends, when it ends. */
import { expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { wayBackAddress } from "./wayBack.ts";

const line = (n: number, from: string, to: string, departAt: string, arriveAt: string) => ({
  line: n,
  trainNumber: `G${n}`,
  originDate: departAt.slice(0, 10),
  boardingDate: departAt.slice(0, 10),
  from: { stationId: from, name: from },
  to: { stationId: to, name: to },
  departAt,
  arriveAt,
  seatClass: "second",
  together: "adjacent",
});
const order = (now: string, ...lines: readonly ReturnType<typeof line>[]) =>
  ({ now, lines, tickets: lines.map((each) => ({ line: each.line, state: "issued" })) }) as unknown as Order;
const there = line(0, "BJN", "NJS", "2026-12-03T20:00:00+08:00", "2026-12-03T23:00:00+08:00");
const on = line(1, "NJS", "SHHQ", "2026-12-03T23:30:00+08:00", "2026-12-04T01:00:00+08:00");
const back = line(1, "NJS", "BJN", "2026-12-05T08:00:00+08:00", "2026-12-05T12:00:00+08:00");
const now = "2026-12-01T12:00:00+08:00";

test("from the last stop to the first, on the day of arrival", () => {
  expect(wayBackAddress(order(now, there))).toBe("/?from=NJS&to=BJN&date=2026-12-03");
  expect(wayBackAddress(order(now, there, on))).toBe("/?from=SHHQ&to=BJN&date=2026-12-04");
});

test("nobody is sent back who has a ticket back, or has long been there", () => {
  expect(wayBackAddress(order(now, there, back))).toBeNull();
  expect(wayBackAddress(order("2026-12-04T08:00:00+08:00", there))).toBeNull();
});

/** A page says that no tickets are sold from the moment at which a pause begins until the one at which it ends. */
import { expect, test } from "bun:test";
import { soldFrom } from "./calendar.ts";

test("tickets are not sold from the first to the last millisecond of a pause, and before and after it they are", () => {
  const pause = { closesAt: "2026-12-02T01:00:00+08:00", opensAt: "2026-12-02T05:00:00+08:00" };
  const [closesAt, opensAt] = [Date.parse(pause.closesAt), Date.parse(pause.opensAt)];
  expect([closesAt - 1, closesAt, opensAt - 1, opensAt].map((at) => soldFrom(pause, at))).toEqual([
    null,
    pause.opensAt,
    pause.opensAt,
    null,
  ]);
  expect(soldFrom(null, closesAt)).toBeNull();
});

/** The railway's time, whatever the clock of the person's machine says. */
import { expect, test } from "bun:test";
import { clockText, createServerClock, leftUntil, nextOf } from "./clock.ts";

const serverStart = Date.parse("2026-11-22T20:00:00+08:00");

/** A machine whose wall clock is wrong by that much; its monotonic clock is only ever right about lengths. */
function machine(wrongByMs: number) {
  const at = { ms: 0 };
  const clock = createServerClock(() => at.ms + 1_234, serverStart + wrongByMs);
  return {
    clock,
    pass: (ms: number) => (at.ms += ms),
    /** An answer sent now, that needs `roadMs` to arrive: its header names the whole second. */
    hear(roadMs: number) {
      const sentMs = Math.floor((serverStart + at.ms) / 1_000) * 1_000;
      at.ms += roadMs;
      clock.note(sentMs);
    },
    truth: () => serverStart + at.ms,
  };
}

test("a clock that is wrong by hours counts down right after the first answer", () => {
  for (const wrongByMs of [-7 * 3_600_000, 0, 40 * 60_000, 30 * 86_400_000]) {
    const { clock, pass, hear, truth } = machine(wrongByMs);
    pass(400);
    hear(80);
    pass(5_000);
    expect(Math.abs(clock.now() - truth())).toBeLessThan(1_100);
  }
});

test("more answers bring it nearer, and a slow one does not throw it back", () => {
  const { clock, pass, hear, truth } = machine(3_600_000);
  for (const roadMs of [900, 20, 35, 10, 2_000, 15]) {
    hear(roadMs);
    pass(730);
  }
  expect(truth() - clock.now()).toBeLessThan(400);
  expect(clock.now()).toBeLessThanOrEqual(truth());
});

test("a server whose clock was set back is believed", () => {
  const { clock } = machine(0);
  clock.note(serverStart + 60_000);
  clock.note(serverStart);
  expect(Math.abs(clock.now() - serverStart)).toBeLessThan(1);
});

test("a countdown says 0 only when nothing is left", () => {
  const payBy = "2026-11-22T20:15:00+08:00";
  const at = (text: string) => leftUntil(payBy, Date.parse(text));
  expect(clockText(at("2026-11-22T20:00:00+08:00"))).toBe("15:00");
  expect(clockText(at("2026-11-22T20:14:59.001+08:00"))).toBe("00:01");
  expect(at("2026-11-22T20:14:59.999+08:00").over).toBe(false);
  expect(at("2026-11-22T20:15:00+08:00")).toMatchObject({ over: true, seconds: 0 });
  expect(clockText(at("2026-11-21T18:00:00+08:00"))).toBe("26:15:00");
});

test("of several openings the next is waited for, and none that is past", () => {
  const at = (hour: number) => `2026-11-22T${String(hour).padStart(2, "0")}:00:00+08:00`;
  const now = Date.parse(at(8));
  expect(nextOf([at(14), null, at(8), at(7), at(9)], now)).toBe(at(9));
  expect(nextOf([at(8), null], now)).toBeNull();
});

/** The rules of the smallest parts. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  addDays,
  backoffMs,
  createIdSource,
  createPrng,
  dateIn,
  daysBetween,
  epochMs,
  fen,
  formatClock,
  formatInZone,
  formatYuan,
  hourMs,
  orderIdFloor,
  orderIdOf,
  orderNoOf,
  parseServiceDate,
  parseZone,
  popCount,
  retryLastMs,
  serviceDate,
  serviceDayStart,
  shareOf,
  slotCount,
  slotOfOrder,
  slotOfUser,
  sumFen,
  type UserId,
} from "./index.ts";

const anyUser = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map((id) => id as UserId);
const shanghai = parseZone("Asia/Shanghai")!;

test("user, order id and order number lead to one slot", () => {
  const ids = createIdSource(5);
  fc.assert(
    fc.property(anyUser, fc.integer({ min: Date.UTC(2025, 1), max: Date.UTC(2090, 1) }), (user, at) => {
      const id = ids.orderId(user, epochMs(at));
      expect(Number.isSafeInteger(id)).toBe(true);
      expect(slotOfOrder(id)).toBe(slotOfUser(user));
      expect(orderNoOf(id).length).toBe(18);
      expect(orderNoOf(id).slice(1, 5)).toBe(String(slotOfUser(user)).padStart(4, "0"));
      expect(orderIdOf(orderNoOf(id))).toBe(id);
    }),
  );
});

test("neighbouring users spread evenly over the slots", () => {
  const counts = new Uint32Array(slotCount);
  for (let user = 1; user <= slotCount * 64; user++) counts[slotOfUser(user as UserId)]!++;
  expect(Math.min(...counts)).toBeGreaterThan(25);
  expect(Math.max(...counts)).toBeLessThan(120);
});

test("ids never repeat: in a busy second, across nodes, and after a restart", () => {
  const now = epochMs(Date.UTC(2026, 11, 1));
  const seen = new Set<number>();
  for (const node of [0, 1]) {
    const ids = createIdSource(node);
    for (let n = 0; n < 2_000; n++) seen.add(ids.orderId(7 as UserId, now));
  }
  expect(seen.size).toBe(4_000);
  const restarted = createIdSource(0);
  restarted.skipPast(Math.max(...seen));
  for (let user = 1; user < 500; user++) {
    expect(restarted.orderId(user as UserId, now)).toBeGreaterThan(Math.max(...seen));
  }
  const rows = new Set(Array.from({ length: 50_000 }, () => restarted.rowId(now)));
  expect(rows.size).toBe(50_000);
});

test("an instant is a floor under the order ids that are given out from then on", () => {
  const before = createIdSource(63);
  const ids = createIdSource(0);
  const at = epochMs(Date.UTC(2026, 11, 1, 0, 0, 1, 999));
  for (let user = 1; user < 500; user++) {
    expect(before.orderId(user as UserId, epochMs(at - 1_000))).toBeLessThan(orderIdFloor(at));
    expect(ids.orderId(user as UserId, at)).toBeGreaterThanOrEqual(orderIdFloor(at));
  }
  expect(orderIdFloor(epochMs(0))).toBe(0);
});

test("text that is not an order number has no order id", () => {
  for (const text of [
    "",
    "E1",
    "E99990000000000001",
    `E${"9".repeat(17)}`,
    "00010000000000001",
    "E0001000000000000x",
  ]) {
    expect(orderIdOf(text)).toBeNull();
  }
});

test("money is whole fen, and its shares round half up in the step asked for", () => {
  expect(() => fen(0.5)).toThrow();
  expect(shareOf(fen(55_350), 500, 50)).toBe(fen(2_750));
  expect(shareOf(fen(100), 0, 50)).toBe(fen(0));
  expect(shareOf(fen(1_050), 5_000, 50)).toBe(fen(550));
  expect(sumFen([fen(1), fen(2)])).toBe(fen(3));
  expect(formatYuan(fen(12_305))).toBe("123.05");
  expect(formatYuan(fen(-5))).toBe("-0.05");
});

test("only days that exist are dates", () => {
  for (const text of [
    "2026-02-29",
    "2026-13-01",
    "2026-1-1",
    "20260101",
    "2026-00-10",
    "0000-00-00",
    "2026-12-01T00:00",
  ]) {
    expect(parseServiceDate(text)).toBeNull();
  }
  expect(parseServiceDate("2028-02-29")).toBe(serviceDate("2028-02-29"));
  expect(addDays(serviceDate("2026-12-31"), 1)).toBe(serviceDate("2027-01-01"));
  expect(daysBetween(serviceDate("2026-02-28"), serviceDate("2026-03-01"))).toBe(1);
});

test("a service day starts twelve hours before noon, also when the clock changes", () => {
  const newYork = parseZone("America/New_York")!;
  expect(formatInZone(serviceDayStart(serviceDate("2026-12-01"), shanghai), shanghai)).toBe(
    "2026-12-01T00:00:00+08:00",
  );
  const springForward = serviceDayStart(serviceDate("2026-03-08"), newYork);
  expect(formatInZone(springForward, newYork)).toBe("2026-03-07T23:00:00-05:00");
  expect(formatInZone(epochMs(springForward + 12 * hourMs), newYork)).toBe("2026-03-08T12:00:00-04:00");
  expect(dateIn(shanghai, epochMs(Date.UTC(2026, 11, 1, 16)))).toBe(serviceDate("2026-12-02"));
  expect(parseZone("Mars/Olympus")).toBeNull();
  expect(formatClock(90_600)).toBe("01:10");
  expect(formatClock(90_600, false)).toBe("25:10");
});

test("local times are those that the calendar of the zone says, at any instant", () => {
  const zones = [
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
    "America/St_Johns",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }),
      (name, at) => {
        const zone = parseZone(name)!;
        const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);
        expect(dateIn(zone, epochMs(at)) as string).toBe(local.toPlainDate().toString());
        expect(formatInZone(epochMs(at), zone)).toBe(local.toString({ smallestUnit: "second", timeZoneName: "never" }));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("back-off grows, and never ends", () => {
  for (let attempt = 1; attempt < 100; attempt++)
    expect(backoffMs(attempt)).toBeGreaterThanOrEqual(backoffMs(attempt - 1));
  expect(backoffMs(1_000)).toBe(retryLastMs);
});

test("bits are counted as a plain loop counts them", () => {
  fc.assert(
    fc.property(fc.integer(), (word) => {
      expect(popCount(word)).toBe((word >>> 0).toString(2).replaceAll("0", "").length);
    }),
  );
});

test("the same seed gives the same sequence", () => {
  const sequence = (seed: number) => Array.from({ length: 10 }, createPrng(seed).next);
  expect(sequence(7)).toEqual(sequence(7));
  expect(sequence(7)).not.toEqual(sequence(8));
});

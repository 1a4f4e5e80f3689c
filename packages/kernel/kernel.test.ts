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
  formatMoney,
  formatYuan,
  fromBase32,
  fromBase64Url,
  hourMs,
  orderIdFloor,
  orderIdOf,
  orderNoOf,
  parseOrderNo,
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
  toBase32,
  toBase64Url,
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

test("I7: what was given out before a restart is not given out again, also where the clock was set back meanwhile", () => {
  const before = createIdSource(3);
  const now = epochMs(Date.UTC(2026, 10, 29));
  const rows = new Set([0, 1, 2, 999].map((ms) => before.rowId(epochMs(now + ms))));
  const orderId = before.orderId(7 as UserId, epochMs(now + 999));
  const after = createIdSource(3);
  after.skipPast(orderId);
  for (const ms of [0, 1, 2, 999]) expect(rows.has(after.rowId(epochMs(now + ms)))).toBe(false);
  expect(after.orderId(7 as UserId, now)).toBeGreaterThan(orderId);
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

test("what parses as an order number has an id, from which the same number is made", () => {
  const text = fc.tuple(fc.nat(9_999), fc.bigInt({ min: 0n, max: 9_999_999_999_999n }));
  fc.assert(
    fc.property(text, ([slot, upper]) => {
      const orderNo = `E${String(slot).padStart(4, "0")}${String(upper).padStart(13, "0")}`;
      const parsed = parseOrderNo(orderNo);
      const isInRange = slot < slotCount && upper < 2n ** 42n;
      expect([orderNo, parsed]).toEqual([orderNo, isInRange ? orderNo : null]);
      if (parsed) expect(orderNoOf(orderIdOf(parsed)!)).toBe(parsed);
    }),
    { numRuns: 1_000, examples: [[[2_047, 2n ** 42n - 1n]], [[2_048, 0n]], [[0, 2n ** 42n]], [[9_000, 0n]]] },
  );
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

test("money is written one way for people: grouped, with hundredths where there are some or where it is added up", () => {
  const amounts = [0, 5, 50, 55_250, 55_300, 138_150, 123_456_700, -500].map(fen);
  const read = ["¥0", "¥0.05", "¥0.50", "¥552.50", "¥553", "¥1,381.50", "¥1,234,567", "-¥5"];
  const added = ["¥0.00", "¥0.05", "¥0.50", "¥552.50", "¥553.00", "¥1,381.50", "¥1,234,567.00", "-¥5.00"];
  for (const language of ["zh", "en"] as const) {
    expect(amounts.map((amount) => formatMoney(amount, { language }))).toEqual(read);
    expect(amounts.map((amount) => formatMoney(amount, { language, inSum: true }))).toEqual(added);
    expect(formatMoney(fen(138_150), { language, currency: { code: "EUR", minorUnits: 2 } })).toBe("€1,381.50");
    // No digit behind the point, and three.
    expect(formatMoney(fen(138_150), { language, currency: { code: "JPY", minorUnits: 0 }, inSum: true })).toBe(
      "¥138,150",
    );
    expect(formatMoney(fen(12_500), { language: "en", currency: { code: "KWD", minorUnits: 3 } })).toBe(
      "KWD\u00a012.500",
    );
  }
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

test("bytes have one spelling in base32, and only that one is read", () => {
  // RFC 4648, section 10, without its padding.
  for (const [plain, text] of [
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foob", "MZXW6YQ"],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI"],
  ] as const) {
    expect(toBase32(Buffer.from(plain))).toBe(text);
    expect(fromBase32(text)).toEqual(new Uint8Array(Buffer.from(plain)));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) =>
      expect(fromBase32(toBase32(bytes))).toEqual(new Uint8Array(bytes)),
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."AQMYZ2367= \nay01".split("")), maxLength: 12 }), (text) => {
      const bytes = fromBase32(text);
      if (bytes) expect(toBase32(bytes)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
  for (const text of ["A", "AB", "MZ", "MY======", "my", "M1", "MY ", "MZXW6\n"]) expect(fromBase32(text)).toBeNull();
});

test("bytes have one spelling in base64url, and only that one is read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes));
    }),
  );
  // Whatever is read is what is written: a second spelling of the same bytes would fail here.
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."AQgwz019-_+/= \n.".split("")), maxLength: 12 }), (text) => {
      const bytes = fromBase64Url(text);
      if (bytes) expect(toBase64Url(bytes)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
  for (const text of ["A", "AB", "AAB", "AA==", "AA ", "A+AA", "A/AA", "AAAA\n", "ＡAAA"])
    expect(fromBase64Url(text)).toBeNull();
});

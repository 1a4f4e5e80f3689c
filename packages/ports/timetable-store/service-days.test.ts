/** One set of dates has one form, and the form gives the dates back. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { addDays, dayNumber, serviceDate, weekdayOf } from "@chepiao/kernel";
import { daysOf, runsOnDate, serviceDaysOf, serviceSpan } from "./index.ts";

const monday = serviceDate("2026-11-30");

test("weekdays count from Monday", () => {
  expect([0, 1, 5, 6, 7].map((n) => weekdayOf(dayNumber(monday) + n))).toEqual([0, 1, 5, 6, 0]);
  expect(weekdayOf(dayNumber(serviceDate("1969-12-31")))).toBe(2);
});

test("any set of dates comes back from its form, and each date is asked rightly", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 20_000, max: 20_090 }), { minLength: 1 }), (days) => {
      const service = serviceDaysOf(days)!;
      expect(daysOf(service)).toEqual(days.toSorted((a, b) => a - b));
      const chosen = new Set(days);
      for (let n = -3; n < 95; n++)
        expect(runsOnDate(service, addDays(service.validFrom, n))).toBe(chosen.has(dayNumber(service.validFrom) + n));
      expect(serviceDaysOf(daysOf(service))).toEqual(service);
    }),
  );
});

test("a regular week needs no exceptions", () => {
  const weekend = serviceSpan(monday, 28, 0b1100000)!;
  expect(weekend).toEqual({
    validFrom: serviceDate("2026-12-05"),
    validUntil: serviceDate("2026-12-27"),
    weekdays: 0b1100000,
    added: [],
    removed: [],
  });
  expect(serviceSpan(monday, 3, 0b1000000)).toBeNull();
});

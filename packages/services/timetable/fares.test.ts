/** Fares: never negative, never less for more, never more than an adult pays, and close to those published. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  type PolicyProfile,
  policyProfiles,
  type SeatKind,
  seatKinds,
  ticketTypes,
  trainTypes,
} from "@chepiao/contracts";
import { fen } from "@chepiao/kernel";
import { type FareRequest, fareOf as fareBy } from "./fares.ts";

const profiles = ["12306", "demo-metric"] as const satisfies readonly PolicyProfile[];
const inBoth = test.each(profiles);
const faresBy = (profile: PolicyProfile) => (request: FareRequest) => fareBy(request, policyProfiles[profile].fares);
const fareOfChina = faresBy("12306");

const paidClasses = ["business", "first", "second", "softSleeper", "hardSleeper", "hardSeat"] as const;
const request = (more: Partial<FareRequest>): FareRequest => ({
  trainType: "highSpeed",
  distanceM: 1_318_000,
  seatClass: "second",
  kind: undefined,
  ticketType: "adult",
  override: undefined,
  ...more,
});
const anyRequest = fc.record<FareRequest>({
  trainType: fc.constantFrom(...trainTypes),
  distanceM: fc.integer({ min: 0, max: 6_000_000 }),
  seatClass: fc.constantFrom(...paidClasses),
  kind: fc.constantFrom<SeatKind | undefined>(undefined, ...seatKinds),
  ticketType: fc.constantFrom(...ticketTypes),
  override: fc.option(
    fc.oneof(
      fc.record({ fareFen: fc.integer({ min: 0, max: 500_000 }).map(fen) }),
      fc.record({ rateBasisPoints: fc.integer({ min: 0, max: 30_000 }) }),
    ),
    { nil: undefined },
  ),
});

inBoth("%s: a fare is never negative, and without a fare set by hand it is above zero and whole coins", (profile) => {
  const fareOf = faresBy(profile);
  fc.assert(
    fc.property(anyRequest, (wish) => {
      expect(fareOf(wish)).toBeGreaterThanOrEqual(0);
      const byTable = fareOf({ ...wish, override: undefined });
      expect(byTable).toBeGreaterThan(0);
      expect(byTable % policyProfiles[profile].fares.rounding).toBe(0);
    }),
  );
});

inBoth("%s: a longer way never costs less, in any class and for any passenger", (profile) => {
  const fareOf = faresBy(profile);
  fc.assert(
    fc.property(anyRequest, fc.integer({ min: 0, max: 1_000_000 }), (wish, furtherM) => {
      const shorter = { ...wish, override: undefined };
      expect(fareOf({ ...shorter, distanceM: wish.distanceM + furtherM })).toBeGreaterThanOrEqual(fareOf(shorter));
    }),
  );
});

inBoth("%s: nobody pays more than an adult", (profile) => {
  const fareOf = faresBy(profile);
  fc.assert(
    fc.property(anyRequest, (wish) => {
      expect(fareOf(wish)).toBeLessThanOrEqual(fareOf({ ...wish, ticketType: "adult" }));
    }),
  );
});

inBoth("%s: a dearer class costs more, and a lower berth more than the one above", (profile) => {
  const fareOf = faresBy(profile);
  fc.assert(
    fc.property(fc.constantFrom(...trainTypes), fc.integer({ min: 0, max: 5_000_000 }), (trainType, distanceM) => {
      const of = (seatClass: FareRequest["seatClass"], kind?: SeatKind) =>
        fareOf(request({ trainType, distanceM, seatClass, kind }));
      const order = [
        of("hardSeat"),
        of("hardSleeper"),
        of("hardSleeper", "middleBerth"),
        of("hardSleeper", "lower"),
        of("softSleeper"),
        of("softSleeper", "lower"),
      ];
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(new Set(order).size).toBe(order.length);
      expect(of("hardSleeper", "upper")).toBe(of("hardSleeper"));
      expect(of("first")).toBeGreaterThan(of("second"));
      expect(of("business")).toBeGreaterThan(of("first"));
    }),
  );
});

test("known fares come out close to those published", () => {
  const yuan = (more: Partial<FareRequest>) => fareOfChina(request(more)) / 100;
  expect(yuan({})).toBeCloseTo(553, -1); // Beijing South–Shanghai Hongqiao
  expect(yuan({ distanceM: 406_000 })).toBeCloseTo(184.5, -1); // Beijing South–Jinan West
  expect(yuan({ distanceM: 2_298_000 })).toBeCloseTo(862, -1); // Beijing West–Guangzhou South
  expect(yuan({ trainType: "fast", seatClass: "hardSeat", distanceM: 1_463_000 })).toBeCloseTo(156.5, -1);
  expect(yuan({ trainType: "fast", seatClass: "hardSleeper", distanceM: 1_463_000 })).toBeCloseTo(283.5, -1);
});

test("discounts by class of 12306: half the seat part of a berth, half of a seat, 75 % of a student, 80 % in business", () => {
  const of = (seatClass: FareRequest["seatClass"], ticketType: FareRequest["ticketType"]) =>
    fareOfChina(request({ seatClass, ticketType, distanceM: 1_000_000, trainType: "fast" }));
  const berth = of("hardSleeper", "adult") - of("hardSeat", "adult");
  expect(of("hardSeat", "child")).toBe(half(of("hardSeat", "adult")));
  expect(of("hardSeat", "student")).toBe(half(of("hardSeat", "adult")));
  expect(of("hardSleeper", "child")).toBe(fen(half(of("hardSeat", "adult")) + berth));
  expect(of("hardSleeper", "student")).toBe(of("hardSleeper", "child"));
  expect(of("hardSleeper", "disabledVeteran")).toBe(half(of("hardSleeper", "adult")));
  expect(of("second", "student")).toBe(fen(Math.floor((of("second", "adult") * 0.75) / 50 + 0.5) * 50));
  expect(of("second", "child")).toBe(half(of("second", "adult")));
  expect(of("first", "student")).toBe(percent(75, of("first", "adult")));
  expect(of("business", "student")).toBe(of("business", "adult"));
  expect(of("business", "child")).toBe(percent(80, of("business", "adult")));
});

test("by demo-metric a child pays half in every class, a student 75 % of second class and hard seat, and nobody else less", () => {
  const metric = faresBy("demo-metric");
  const part = (seatClass: FareRequest["seatClass"], ticketType: FareRequest["ticketType"]) =>
    metric(request({ seatClass, ticketType, override: { fareFen: fen(10_000) } })) / 100;
  expect(paidClasses.map((seatClass) => part(seatClass, "child"))).toEqual([50, 50, 50, 50, 50, 50]);
  expect(paidClasses.map((seatClass) => part(seatClass, "student"))).toEqual([100, 100, 75, 100, 100, 75]);
  expect(paidClasses.map((seatClass) => part(seatClass, "disabledVeteran"))).toEqual([100, 100, 100, 100, 100, 100]);
});

inBoth("%s: a fare set by hand is the cheapest berth's; the others stay as much dearer", (profile) => {
  const fareOf = faresBy(profile);
  const { rounding } = policyProfiles[profile].fares;
  const of = (kind: SeatKind, override?: FareRequest["override"]) =>
    fareOf(request({ trainType: "fast", seatClass: "hardSleeper", kind, override }));
  const set = { fareFen: fen(20_000) };
  expect(of("upper", set)).toBe(fen(20_000));
  expect(of("lower", set) - of("upper", set)).toBe(of("lower") - of("upper"));
  expect(fareOf(request({ override: { rateBasisPoints: 9_000 } }))).toBe(
    fen(Math.floor((fareOf(request({})) * 0.9) / rounding + 0.5) * rounding),
  );
});

inBoth("%s: no ticket is for nothing, however small its fare and whatever share of it is paid", (profile) => {
  const fareOf = faresBy(profile);
  const coin = fen(policyProfiles[profile].fares.rounding);
  for (const ticketType of ["adult", "child", "disabledVeteran"] as const) {
    expect(fareOf(request({ override: { rateBasisPoints: 1 }, ticketType }))).toBe(coin);
    expect(fareOf(request({ override: { fareFen: fen(9) }, ticketType }))).toBe(fen(9));
    expect(fareOf(request({ override: { fareFen: fen(0) }, ticketType }))).toBe(coin);
  }
});

const percent = (share: number, amount: number) => fen(Math.floor((amount * share) / 100 / 50 + 0.5) * 50);
const half = (amount: number) => fen(Math.floor(amount / 2 / 50 + 0.5) * 50);

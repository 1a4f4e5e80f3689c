/** What a change costs, rule by rule (2.1–2.9 and 2.16 of 12306's rules). */
import { expect, test } from "bun:test";
import { type ChangeKind, policyDefault, policyProfiles, withChanges } from "@chepiao/contracts";
import { createPrng, type EpochMs, epochMs, fen, hourMs, minuteMs, serviceDate, type ZoneName } from "@chepiao/kernel";
import { refundRulesOf } from "../refundFee.ts";
import { changeMoney, changeRulesOf, type ChangeTerms, changeTerms } from "./terms.ts";

const rules = changeRulesOf(policyDefault)!;
const refund = refundRulesOf(policyDefault);
const zone = "Asia/Shanghai" as ZoneName;
const boardingDate = serviceDate("2026-12-01");
/** Ten in the morning there. */
const departAt = epochMs(Date.UTC(2026, 11, 1, 2));

/** The day after: a night train. */
const arriveAt = epochMs(departAt + 20 * hourMs);

const before = (hours: number, ms = 0): EpochMs => epochMs(departAt - hours * hourMs - ms);
function termsAt(now: EpochMs, newDate: string, kind: ChangeKind = "reschedule", by = rules, arrival = arriveAt) {
  const dates = { departAt, arriveAt: arrival, boardingDate, zone, newBoardingDate: serviceDate(newDate) };
  const terms = changeTerms(kind, dates, now, by, refund);
  return terms.ok
    ? [terms.value.rule, terms.value.feeBasisPoints, terms.value.differenceBasisPoints]
    : terms.error.code;
}
const [earlier, same, later] = ["2026-11-30", "2026-12-01", "2026-12-02"];

test("48 hours and more before departure a change is free, to whatever day", () => {
  for (const date of [earlier, same]) expect(termsAt(before(48), date)).toEqual(["notLater", 0, 500]);
  expect(termsAt(before(48), later)).toEqual(["grade", 0, 500]);
});

test("less than 48 hours before departure it is free to the ticket's day or one before it", () => {
  for (const date of [earlier, same]) {
    expect(termsAt(before(48, -1), date)).toEqual(["notLater", 0, 1_000]);
    expect(termsAt(before(0, 1), date)).toEqual(["notLater", 0, 2_000]);
  }
});

test("to a later day it costs 5 % from 48 hours before departure on, and 15 % from 24 hours", () => {
  expect(termsAt(before(48, -1), later)).toEqual(["grade", 500, 1_000]);
  expect(termsAt(before(24), later)).toEqual(["grade", 500, 1_000]);
  expect(termsAt(before(24, -1), later)).toEqual(["grade", 1_500, 2_000]);
  expect(termsAt(before(0, 1), later)).toEqual(["grade", 1_500, 2_000]);
});

test("after departure it is free to the ticket's day and costs 40 % to a later one, until midnight", () => {
  const midnight = epochMs(Date.UTC(2026, 11, 1, 16));
  for (const now of [departAt, epochMs(midnight - 1)]) {
    expect(termsAt(now, same)).toEqual(["notLater", 0, 2_000]);
    expect(termsAt(now, later)).toEqual(["afterDeparture", 4_000, 2_000]);
  }
  expect(termsAt(midnight, later)).toBe("ChangeTooLate");
  const { afterDeparture: _, ...change } = policyDefault.change!;
  const never = changeRulesOf({ ...policyDefault, change })!;
  expect(termsAt(departAt, same, "reschedule", never)).toBe("ChangeTooLate");
});

test("who has arrived has travelled: nothing is changed any more, though the day goes on", () => {
  const arrival = epochMs(departAt + 2 * hourMs);
  const at = (now: number) => termsAt(epochMs(now), same, "reschedule", rules, arrival);
  expect(at(arrival - 1)).toEqual(["notLater", 0, 2_000]);
  expect(at(arrival)).toBe("ChangeTooLate");
});

test("another destination is free, until 48 hours before departure", () => {
  for (const date of [earlier, same, later])
    expect(termsAt(before(48), date, "destination")).toEqual(["destination", 0, 500]);
  expect(termsAt(before(48, -1), same, "destination")).toBe("ChangeTooLate");
  expect(termsAt(departAt, same, "destination")).toBe("ChangeTooLate");
  const { destinationMinHours: _, ...change } = policyDefault.change!;
  const none = changeRulesOf({ ...policyDefault, change })!;
  expect(termsAt(before(480), same, "destination", none)).toBe("ChangeNotOffered");
});

test("a railway whose policy says nothing of changes changes nothing", () => {
  expect(changeRulesOf(policyProfiles["demo-metric"])).toBeNull();
  expect(changeRulesOf(withChanges(policyDefault, { change: null }))).toBeNull();
});

const terms = (feeBasisPoints: number, differenceBasisPoints: number): ChangeTerms => ({
  rule: "grade",
  feeBasisPoints,
  differenceBasisPoints,
});

test.each([
  // Old and new fare, fee and refund grade in percent: fee, fee on the difference, what the change costs.
  [10_000, 10_000, 0, 10, 0, 0, 0],
  [10_000, 12_000, 0, 10, 0, 0, 2_000],
  [10_000, 8_000, 0, 10, 0, 200, -1_800],
  [10_000, 8_000, 5, 10, 400, 200, -1_400],
  // Of the lower fare, to the half yuan: 1.25 yuan are 1.50.
  [2_500, 9_900, 5, 10, 150, 0, 7_550],
  [9_900, 2_500, 5, 10, 150, 750, -6_500],
  // The fee on the difference is no more than what the fee has left of it.
  [10_000, 9_500, 5, 20, 500, 0, 0],
  [10_000, 9_800, 15, 20, 1_450, 0, 1_250],
  [10_000, 8_500, 15, 20, 1_300, 200, 0],
  // A fee that is rounded up is no more than the fare.
  [30, 10_000, 100, 20, 30, 0, 10_000],
])("old %d, new %d, fee %d %%, refund grade %d %%", (fare, newFare, fee, grade, feeFen, differenceFeeFen, netFen) => {
  expect(changeMoney(fen(fare), fen(newFare), terms(fee * 100, grade * 100), rules)).toEqual({
    feeFen: fen(feeFen),
    differenceFeeFen: fen(differenceFeeFen),
    netFen: fen(netFen),
  });
});

test("no change pays anybody: what comes back is never more than the difference, and nothing is kept twice", () => {
  const prng = createPrng(46);
  for (let n = 0; n < 20_000; n++) {
    const [fare, newFare] = [fen(1 + prng.below(50_000)), fen(1 + prng.below(50_000))];
    const by = terms(prng.below(10_001), prng.below(10_001));
    const { feeFen, differenceFeeFen, netFen } = changeMoney(fare, newFare, by, {
      roundToFen: prng.pick([1, 50, 100]),
    });
    expect(netFen).toBe(fen(newFare - fare + feeFen + differenceFeeFen));
    expect(netFen).toBeGreaterThanOrEqual(newFare - fare);
    expect(feeFen + differenceFeeFen).toBeLessThanOrEqual(fare);
    expect(Math.min(feeFen, differenceFeeFen)).toBeGreaterThanOrEqual(0);
    if (newFare >= fare) expect(differenceFeeFen).toBe(fen(0));
  }
});

test("a time that is no instant of a grade falls to the grade before it", () => {
  expect(termsAt(epochMs(departAt - 36 * hourMs - minuteMs), later)).toEqual(["grade", 500, 1_000]);
});

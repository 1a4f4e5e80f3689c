/** What giving back costs, to the millisecond and the fen. */
import { expect, test } from "bun:test";
import { policyDefault } from "@chepiao/contracts";
import { createPrng, dayMs, type EpochMs, epochMs, fen, hourMs, minuteMs, serviceDate } from "@chepiao/kernel";
import { type RefundCase, type RefundRules, refundRulesOf, refundSteps, refundTerms } from "./refundFee.ts";

const rules = refundRulesOf(policyDefault);

const departAt = epochMs(Date.UTC(2026, 11, 1));
const before = (ms: number): EpochMs => epochMs(departAt - ms);
const ticketOf = (fare: number, over: Partial<RefundCase> = {}): RefundCase => ({
  fareFen: fen(fare),
  departAt,
  boardingDate: serviceDate("2026-12-01"),
  paidAt: before(100 * dayMs),
  changed: null,
  isOfWaitlist: false,
  notRunUntil: null,
  isCoachLost: false,
  ...over,
});
/** Null where nothing is given back. */
function termsOf(ticket: RefundCase, now: EpochMs, by = rules, isMistakeOpen = true) {
  const terms = refundTerms(ticket, { now, isMistakeOpen }, by);
  return terms.ok ? terms.value : null;
}
const feeOf = (fare: number, now: EpochMs) => termsOf(ticketOf(fare), now);

test("each grade holds to its last millisecond", () => {
  const share = (beforeMs: number) => feeOf(10_000, before(beforeMs))?.feeBasisPoints ?? "nothing is given back";
  expect(share(100 * dayMs)).toBe(0);
  expect(share(8 * dayMs)).toBe(0);
  expect(share(8 * dayMs - 1)).toBe(500);
  expect(share(48 * hourMs)).toBe(500);
  expect(share(48 * hourMs - 1)).toBe(1_000);
  expect(share(24 * hourMs)).toBe(1_000);
  expect(share(24 * hourMs - 1)).toBe(2_000);
  expect(share(1)).toBe(2_000);
  expect(share(0)).toBe("nothing is given back");
  expect(share(-1)).toBe("nothing is given back");
});

test("a fee is a multiple of half a yuan, half of one rounded up", () => {
  const fee = (fare: number, beforeMs: number) => Number(feeOf(fare, before(beforeMs))!.feeFen);
  expect(fee(55_300, 7 * dayMs)).toBe(2_750); // 27.65 → 27.50
  expect(fee(55_500, 7 * dayMs)).toBe(2_800); // 27.75 → 28.00
  expect(fee(55_300, 30 * hourMs)).toBe(5_550);
  expect(fee(55_300, hourMs)).toBe(11_050);
  expect(fee(0, hourMs)).toBe(0);
});

test("I3: whatever the fare and the grades, fee and refund are the fare, and neither is below nothing", () => {
  const seed = Number(process.env["SEED"] ?? 20261122);
  const prng = createPrng(seed);
  for (let n = 0; n < 2_000; n++) {
    const fare = prng.chance(0.3) ? prng.below(100) : prng.below(1_000_000);
    const drawn: RefundRules = {
      ...rules,
      grades: [{ atLeastMs: 0, feeBasisPoints: prng.pick([0, 1, 2_000, 9_999, 10_000, 20_000]) }],
      roundToFen: prng.pick([1, 50, 100]),
      feeFenMin: prng.pick([0, 200]),
    };
    const changed = prng.chance(0.3) ? { changedAt: before(30 * dayMs), departAt: before(25 * dayMs) } : null;
    const ticket = ticketOf(fare, { changed, paidAt: before(prng.below(10 * dayMs)) });
    const { feeFen, refundFen } = termsOf(ticket, before(1 + prng.below(10 * dayMs)), drawn, prng.chance(0.5))!;
    expect([seed, fare, feeFen + refundFen, feeFen >= 0, refundFen >= 0]).toEqual([seed, fare, fare, true, true]);
  }
});

test("where no grade reaches, nothing is given back", () => {
  const early = { ...rules, grades: [{ atLeastMs: hourMs, feeBasisPoints: 0 }] };
  expect(termsOf(ticketOf(100), before(hourMs), early)).toEqual({
    rule: "grade",
    feeBasisPoints: 0,
    feeFen: fen(0),
    refundFen: fen(100),
    until: null,
  });
  expect(termsOf(ticketOf(100), before(hourMs - 1), early)).toBeNull();
});

test("what is to come is told with the last moment of each grade, and is what is then charged", () => {
  const steps = (beforeMs: number) =>
    refundSteps(departAt, before(beforeMs), rules).map(({ until, feeBasisPoints }) => [
      (departAt - until) / hourMs,
      feeBasisPoints,
    ]);
  expect(steps(9 * dayMs)).toEqual([
    [192, 0],
    [48, 500],
    [24, 1_000],
    [0, 2_000],
  ]);
  expect(steps(48 * hourMs)).toEqual([
    [48, 500],
    [24, 1_000],
    [0, 2_000],
  ]);
  expect(steps(hourMs)).toEqual([[0, 2_000]]);
  expect(steps(0)).toEqual([]);
  for (const { until, feeBasisPoints } of refundSteps(departAt, before(9 * dayMs), rules).slice(0, -1))
    expect(feeOf(10_000, until)!.feeBasisPoints).toBe(feeBasisPoints);
});

test("a mistake is free to the last millisecond of its time, whichever end comes first", () => {
  const ruleOf = (paidMs: number, backMs: number, isOpen = true) =>
    termsOf(ticketOf(10_000, { paidAt: before(paidMs) }), before(backMs), rules, isOpen)?.rule;
  const paid = 10 * hourMs;
  expect(ruleOf(paid, paid - 30 * minuteMs)).toBe("mistake");
  expect(ruleOf(paid, paid - 30 * minuteMs - 1)).toBe("grade");
  expect(ruleOf(4 * hourMs + minuteMs, 4 * hourMs)).toBe("mistake");
  expect(ruleOf(4 * hourMs + minuteMs, 4 * hourMs - 1)).toBe("grade");
  expect(ruleOf(paid, paid, false)).toBe("grade");
  // What is free anyway is no mistake.
  expect(ruleOf(9 * dayMs, 9 * dayMs)).toBe("grade");
  expect(termsOf(ticketOf(10_000, { paidAt: before(paid) }), before(paid - 1))!.until).toBe(
    before(paid - 30 * minuteMs),
  );
  const without = { ...rules, mistake: null };
  expect(termsOf(ticketOf(10_000, { paidAt: before(paid) }), before(paid), without)!.rule).toBe("grade");
});

test("a ticket stays one that was changed after departure, or from close by, whatever it is changed to again", () => {
  const free = { changedAt: before(20 * dayMs), departAt: before(0) };
  const asBought = termsOf(ticketOf(10_000, { changed: free }), before(9 * dayMs));
  expect(asBought).toMatchObject({ rule: "grade", feeFen: 0 });
  const fromClose = { changedAt: before(20 * dayMs), departAt: before(13 * dayMs) };
  const twice = ticketOf(10_000, { changed: { ...free, earlier: [fromClose] } });
  expect(termsOf(twice, before(9 * dayMs))).toMatchObject({ rule: "changedFar", feeFen: 500 });
  const missed = { changedAt: before(20 * dayMs), departAt: before(20 * dayMs + 1) };
  expect(termsOf(ticketOf(10_000, { changed: { ...free, earlier: [missed] } }), before(9 * dayMs))).toBeNull();
});

/** How many are let in: the rate and the room inside both hold, and nothing that was not used is made up for. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { decideAdmission } from "./admission.ts";

const facts = { waiting: 1_000, inside: 0, activeMax: 100, perMinute: 600, credit: 0, elapsedMs: 1_000 };

test("so many a minute, and parts of a person are not lost", () => {
  expect(decideAdmission(facts)).toEqual({ count: 10, credit: 0 });
  let credit = 0;
  let count = 0;
  for (let second = 0; second < 600; second++) {
    const decided = decideAdmission({ ...facts, perMinute: 7, credit });
    credit = decided.credit;
    count += decided.count;
  }
  expect(count).toBeWithin(69, 71);
});

test("no more than there is room for, and nobody where nobody waits", () => {
  expect(decideAdmission({ ...facts, inside: 97 }).count).toBe(3);
  expect(decideAdmission({ ...facts, inside: 120 }).count).toBe(0);
  expect(decideAdmission({ ...facts, waiting: 2 }).count).toBe(2);
  expect(decideAdmission({ ...facts, waiting: 0 }).count).toBe(0);
});

test("a pause is not followed by a crowd", () => {
  fc.assert(
    fc.property(
      fc.nat(10_000_000),
      fc.integer({ min: 1, max: 60_000 }),
      fc.nat(2_000),
      (elapsedMs, perMinute, inside) => {
        const { count, credit } = decideAdmission({ ...facts, elapsedMs, perMinute, inside, waiting: 1_000_000 });
        expect(count).toBeLessThanOrEqual(1 + (perMinute * 5) / 60);
        expect(count).toBeLessThanOrEqual(Math.max(0, facts.activeMax - inside));
        expect(credit).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

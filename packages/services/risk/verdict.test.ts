/** What rules make of signals, and what the default rules make of people. */
import { expect, test } from "bun:test";
import { type RiskSignals, riskSignalNames } from "@chepiao/contracts";
import { defaultRules, rulesIn } from "./rules.ts";
import { allowed, verdictOf } from "./verdict.ts";

const nothing = Object.fromEntries(riskSignalNames.map((name) => [name, null])) as RiskSignals;
const on = rulesIn({ mode: "on" });
const judged = (signals: Partial<RiskSignals>, rules = on) => verdictOf({ ...nothing, ...signals }, rules);

/** Somebody who buys as people do. */
const person: RiskSignals = {
  accountPerMinute: 3,
  addressPerMinute: 40,
  networkPerMinute: 200,
  spacingMs: 4_000,
  documentsPerDay: 5,
  accountsPerDocument: 1,
  sessionSeconds: 600,
  failuresPerTenMinutes: 4,
  unpaidPerDay: 1,
};

test("what is not known counts for nothing, and a person is let through without being written about", () => {
  expect(judged({})).toBe(allowed);
  expect(verdictOf(person, on)).toBe(allowed);
});

test("each signal of the defaults counts from its bound on, and not before", () => {
  for (const { signal, over, under, points } of defaultRules) {
    const bound = over ?? under!;
    const at = judged({ [signal]: bound });
    const beyond = judged({ [signal]: over === undefined ? bound - 1 : bound + 1 });
    expect([signal, beyond.points - at.points]).toEqual([signal, points]);
  }
  expect(new Set(defaultRules.map(({ signal }) => signal)).size).toBe(riskSignalNames.length);
});

test("thirty tries a minute are a person's, one more needs a challenge, and very many are refused", () => {
  expect(judged({ accountPerMinute: 30 }).kind).toBe("allow");
  expect(judged({ accountPerMinute: 31 }).kind).toBe("challenge");
  expect(judged({ accountPerMinute: 121 }).kind).toBe("refuse");
});

test("what a person may show alone is let through, whatever it is; a few such things together are not", () => {
  const alone: Partial<RiskSignals>[] = [
    { spacingMs: 0 },
    { sessionSeconds: 0 },
    { addressPerMinute: 100_000 },
    { networkPerMinute: 1_000_000 },
    { documentsPerDay: 40 },
    { failuresPerTenMinutes: 60 },
    { unpaidPerDay: 60 },
    // Whoever knows a document's number, and proves it as his own, may make it look shared.
    { accountsPerDocument: 60 },
  ];
  expect(alone.map((signals) => judged(signals).kind)).toEqual(alone.map(() => "allow"));
  expect(judged({ spacingMs: 12, addressPerMinute: 301 }).kind).toBe("challenge");
  expect(judged({ accountsPerDocument: 6, documentsPerDay: 16 }).kind).toBe("challenge");
});

test("what strangers behind the same address do challenges nobody there, however much it is", () => {
  expect(judged({ ...person, addressPerMinute: 100_000, networkPerMinute: 1_000_000 }).kind).toBe("allow");
});

test("reasons are the rules that counted, with what was measured", () => {
  expect(judged({ accountPerMinute: 31, spacingMs: 12, sessionSeconds: 900 })).toEqual({
    kind: "challenge",
    points: 160,
    reasons: [
      { signal: "accountPerMinute", value: 31, points: 100 },
      { signal: "spacingMs", value: 12, points: 60 },
    ],
  });
  // Also where they are too few for anything.
  expect(judged({ spacingMs: 12 })).toMatchObject({ kind: "allow", points: 60, reasons: [{ signal: "spacingMs" }] });
});

test("a railway's own rules stand in place of the defaults; without a bound a rule is about nothing", () => {
  const own = rulesIn({
    mode: "dryRun",
    challengePoints: 5,
    refusePoints: 9,
    rules: [
      { signal: "spacingMs", over: 10, under: 20, points: 5 },
      { signal: "accountPerMinute", points: 9 },
    ],
  });
  expect([10, 15, 20].map((spacingMs) => judged({ spacingMs, accountPerMinute: 500 }, own).kind)).toEqual([
    "allow",
    "challenge",
    "allow",
  ]);
});

test("where the policy says nothing nobody is judged", () => {
  expect(rulesIn(undefined).mode).toBe("off");
});

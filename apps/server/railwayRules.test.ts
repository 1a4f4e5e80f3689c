/** The rules of sale that are a railway's to set, a row each, in both policies that are shipped. Numbers are those of 12306's rules. */
import { expect, test } from "bun:test";
import { policyProfiles } from "@chepiao/contracts";
import { orderRules, type RuleRow } from "@chepiao/services/order/railwayRules.suite.ts";
import { waitedRules } from "@chepiao/services/order/waitedRules.suite.ts";
import { timetableRules } from "@chepiao/services/timetable/railwayRules.suite.ts";
import { userRules } from "@chepiao/services/user/railwayRules.suite.ts";
import { waitlistRules } from "@chepiao/services/waitlist/railwayRules.suite.ts";
import { servedRules } from "@chepiao/services/waitlist/servedRules.suite.ts";

const rows: readonly RuleRow[] = [
  ...orderRules,
  ...timetableRules,
  ...userRules,
  ...waitlistRules,
  ...servedRules,
  ...waitedRules,
];

for (const [n, profile] of (["12306", "demo-metric"] as const).entries())
  for (const { rule, says, of, expected } of rows)
    test(`${profile}: ${rule ?? "own rule"}, ${says}${n === 0 ? "" : " (by its own numbers)"}`, async () => {
      expect(await of(policyProfiles[profile])).toEqual(expected[n]);
    });

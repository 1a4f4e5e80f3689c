/** The rules of sale that are a railway's to set, a row each, in both policies that are shipped. Numbers are those of 12306's rules. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { policyProfiles } from "@chepiao/contracts";
import { changeRules } from "@chepiao/services/order/change/railwayRules.suite.ts";
import { orderRules, type RuleRow } from "@chepiao/services/order/railwayRules.suite.ts";
import { waitedRules } from "@chepiao/services/order/waitedRules.suite.ts";
import { searchRules } from "@chepiao/services/search/railwayRules.suite.ts";
import { timetableRules } from "@chepiao/services/timetable/railwayRules.suite.ts";
import { userRules } from "@chepiao/services/user/railwayRules.suite.ts";
import { waitlistRules } from "@chepiao/services/waitlist/railwayRules.suite.ts";
import { servedRules } from "@chepiao/services/waitlist/servedRules.suite.ts";

const rows: readonly RuleRow[] = [
  ...orderRules,
  ...changeRules,
  ...searchRules,
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

/** What 12306's rules leave to be set, by their numbers. */
const settable =
  "1.1 1.2 1.3 1.5 1.6 1.7 1.8 1.12 1.27 1.34 1.35 1.36 1.37 1.38 1.39 1.40 2.1 2.3 2.4 2.5 2.6 2.7 2.9 2.13 2.14 2.16 3.1 3.2 3.3 3.4 3.5 3.6 3.9 3.12 " +
  "4.1 4.2 4.4 4.5 4.6 4.7 4.8 4.9 4.10 4.11 4.12 4.13 4.14 4.15 4.16 5.1 5.6 5.7 5.8 5.9 5.10 5.11 6.3 6.5 6.11 6.12 6.13 7.3 8.3 8.4 10.1 10.2 10.3 10.4 10.5 12.6 12.13";

/** Those without a row, and how the line in docs/left-out.md begins that says why. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  "buying ahead of the opening": ["1.34", "1.35", "1.36", "1.37", "1.38", "1.39", "1.40"],
  "a connection that is sold with a warning": ["4.8"],
  "seat wishes for parties up to five alone": ["6.3"],
  "a lower berth for everybody of sixty": ["6.5"],
  "quotas as rules of a policy": ["6.11", "6.12", "6.13"],
  "tax invoices": ["8.3", "8.4"],
  "tickets for points": ["10.1", "10.2", "10.3"],
  "tickets for many trips": ["10.4", "10.5"],
  "a passenger who cannot be deleted": ["12.13"],
};

test("each rule that may be set has a row here, or is left out with its reason", async () => {
  const told = await Bun.file(join(import.meta.dir, "../../docs/left-out.md")).text();
  const unexplained = Object.keys(leftOut).filter((begins) => !told.includes(`\n| ${begins}`));
  const known = new Set([...rows.flatMap(({ rule }) => rule?.split(", ") ?? []), ...Object.values(leftOut).flat()]);
  expect([unexplained, settable.split(" ").filter((rule) => !known.has(rule))]).toEqual([[], []]);
});

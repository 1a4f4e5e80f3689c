/** What search makes of a railway's rules, for the table in apps/server/railwayRules.test.ts. */
import type { Policy } from "@chepiao/contracts";
import { transferRulesOf } from "./journeys/rules.ts";

export const searchRules = [
  {
    rule: "7.3",
    says: "a connection leaves 20 minutes within a station and 60 from one to another, never less than one document needs",
    of: (policy: Policy) =>
      [policy, { ...policy, trips: { gapMinutes: 90 } }].map((by) => {
        const { minimumS } = transferRulesOf(by);
        return [minimumS("A", "A") / 60, minimumS("A", "B") / 60];
      }),
    expected: [
      [
        [20, 60],
        [90, 90],
      ],
      [
        [0, 0],
        [90, 90],
      ],
    ],
  },
] as const;

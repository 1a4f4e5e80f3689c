/** The reader of expressions, by which rules are held to what the platform tells. */
import { expect, test } from "bun:test";
import { isMatched, readPromql } from "./promql.ts";

test("metrics are found with what is asked of their labels, and functions, durations and operators are none", () => {
  const { selectors, labels } = readPromql(
    'sum by (instance, what) (increase(orders_total{what="rejected",instance=~"a|b"}[10m])) > 0 unless on (role) vector(1) or job:late == 2e3 offset 1h',
  );
  expect(selectors).toEqual([
    {
      metric: "orders_total",
      matchers: [
        { label: "what", operator: "=", value: "rejected" },
        { label: "instance", operator: "=~", value: "a|b" },
      ],
    },
    { metric: "job:late", matchers: [] },
  ]);
  expect(labels).toEqual(["instance", "what", "role"]);
});

test("a value is held against a matcher whole", () => {
  const matcher = (operator: string) => ({ label: "status", operator, value: "5.." });
  expect(["503", "1503", "200"].map((each) => isMatched(matcher("=~"), each))).toEqual([true, false, false]);
  expect(["503", "200"].map((each) => isMatched(matcher("!~"), each))).toEqual([false, true]);
  expect(isMatched(matcher("="), "5..")).toBe(true);
});

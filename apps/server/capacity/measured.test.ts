/** What the capacity model takes for measured. */
import { expect, test } from "bun:test";
import { measuredEngines, measuredRoles } from "./model.ts";
import { NotMeasured, parseMeasured, readMeasured } from "./measured.ts";
import shipped from "./measured.json" with { type: "json" };

const everybody = [...measuredRoles, ...measuredEngines];

test("the shipped figures have a cost for every role and engine, and say where they come from", () => {
  const { costs, machine, commit, from } = parseMeasured(shipped, "shipped");
  for (const who of everybody) {
    expect(costs.order[who]).toBeGreaterThanOrEqual(0);
    expect(costs.query[who]).toBeGreaterThanOrEqual(0);
  }
  expect(costs.order.order).toBeGreaterThan(0);
  expect(costs.query.search).toBeGreaterThan(0);
  expect([machine, commit, from]).not.toContain("unknown");
});

test("a cost that was not measured is named, and never taken for nothing", () => {
  // What JSON makes of a figure that is not a number.
  const more: Record<string, unknown> = { ...shipped.more, "orderUs.redis": null, "queryUs.gateway": -1 };
  delete more["orderUs.writer"];
  expect(() => parseMeasured({ ...shipped, more }, "a file")).toThrow(
    /orderUs\.writer.*orderUs\.redis.*queryUs\.gateway/,
  );
});

test("a file that cannot be read, or is something else, is refused by its name", () => {
  expect(() => readMeasured("/nowhere/cluster.json")).toThrow(NotMeasured);
  expect(() => readMeasured(import.meta.path)).toThrow(/measured\.test\.ts cannot be read/);
  expect(() => parseMeasured(null, "null")).toThrow(NotMeasured);
  expect(() => parseMeasured({ case: "order", more: {} }, "order.json")).toThrow(/order\.json has no cost/);
});

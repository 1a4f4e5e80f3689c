/** The capacity model: rules that hold whatever was measured. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Assumptions,
  assumptionsDefault,
  replicasMin,
  type Costs,
  type CostUs,
  type Load,
  majorityMin,
  measuredEngines,
  measuredRoles,
  type Need,
  needsOf,
  scenarios,
} from "./model.ts";

const names = [...measuredRoles, ...measuredEngines];
const costUs = fc
  .tuple(...names.map(() => fc.double({ min: 0, max: 1_000, noNaN: true })))
  .map((each) => Object.fromEntries(names.map((name, n) => [name, each[n]!])) as CostUs);
const costs = fc.record({ order: costUs, query: costUs });
const load = fc.record({
  ordersPerSecond: fc.integer({ min: 0, max: 500_000 }),
  queriesPerSecond: fc.integer({ min: 0, max: 2_000_000 }),
});

const counts = (needs: readonly Need[]) => needs.map(({ count }) => count);
const countOf = (needs: readonly Need[], what: string) => needs.find((need) => need.what === what)!.count;
const times = (of: Costs, factor: number): Costs => {
  const scaled = (us: CostUs) => Object.fromEntries(names.map((name) => [name, us[name] * factor])) as CostUs;
  return { order: scaled(of.order), query: scaled(of.query) };
};
const same = (us: number) => Object.fromEntries(names.map((name) => [name, us])) as CostUs;
const evenCosts: Costs = { order: same(120), query: same(12) };
const planned = (of: Load, over: Partial<Assumptions> = {}, by = evenCosts) =>
  needsOf(of, by, { ...assumptionsDefault, ...over });

describe("capacity", () => {
  test("more load never means fewer machines", () => {
    fc.assert(
      fc.property(costs, load, load, (by, one, more) => {
        const both = {
          ordersPerSecond: one.ordersPerSecond + more.ordersPerSecond,
          queriesPerSecond: one.queriesPerSecond + more.queriesPerSecond,
        };
        const [few, many] = [counts(planned(one, {}, by)), counts(planned(both, {}, by))];
        return few.every((count, n) => count <= many[n]!);
      }),
    );
  });

  test("a core that does twice as much halves the cores, and the machines as far as they are whole", () => {
    fc.assert(
      fc.property(costs, load, (by, of) => {
        const [slow, fast] = [planned(of, {}, by), planned(of, {}, times(by, 0.5))];
        for (const [n, need] of slow.entries()) {
          expect(fast[n]!.cores).toBeCloseTo(need.cores / 2, 6);
          if (need.cores > 0 && !need.isMinimum && !fast[n]!.isMinimum)
            expect(fast[n]!.count).toBe(Math.ceil(need.count / 2));
        }
      }),
    );
  });

  test("a replica does no more than the wanted share of its core", () => {
    fc.assert(
      fc.property(costs, load, fc.integer({ min: 1, max: 100 }), (by, of, percent) => {
        const utilisation = percent / 100;
        for (const { what, cores, count } of planned(of, { utilisation, serverCores: 1 }, by))
          if (!what.endsWith("replicas")) expect(cores / count).toBeLessThanOrEqual(utilisation + 1e-9);
      }),
    );
  });

  test("whatever is written is written by every replica", () => {
    const [once, thrice] = [1, 3].map((kafkaReplicas) => planned(scenarios.extreme, { kafkaReplicas }));
    const brokers = (needs: readonly Need[]) => needs.find(({ what }) => what === "Kafka brokers")!;
    expect(brokers(thrice!).cores).toBeCloseTo(3 * brokers(once!).cores, 6);
    const replicated = planned(scenarios.extreme, { replicas: 2 });
    expect(countOf(replicated, "Redis replicas")).toBe(2 * countOf(replicated, "Redis masters"));
    expect(countOf(replicated, "MySQL replicas")).toBe(2 * countOf(replicated, "MySQL primaries"));
  });

  test("partitions are enough for every writer to have its share", () => {
    const needs = planned(scenarios.extreme);
    expect(countOf(needs, "Kafka partitions a topic")).toBeGreaterThanOrEqual(countOf(needs, "writer processes"));
  });

  test("nothing is less than it takes to lose one and go on", () => {
    const idle = planned({ ordersPerSecond: 0, queriesPerSecond: 0 });
    for (const role of measuredRoles) expect(countOf(idle, `${role} processes`)).toBe(replicasMin);
    expect(countOf(idle, "Redis masters")).toBe(majorityMin);
    expect(countOf(idle, "Kafka brokers")).toBe(majorityMin);
    expect(countOf(idle, "MySQL primaries")).toBe(replicasMin);
    expect(idle.filter(({ isMinimum }) => isMinimum).length).toBe(measuredRoles.length + 4);
    expect(countOf(planned(scenarios.daily, { kafkaReplicas: 5 }), "Kafka brokers")).toBeGreaterThanOrEqual(5);
  });
});

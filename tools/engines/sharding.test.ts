/** The sharding rule spreads evenly, and what ShardingSphere is told is complete. */
import { describe, expect, test } from "bun:test";
import { shardedTables, type ShardedTable } from "@chepiao/adapters/sql";
import { parseLayout, placeOf, shardingRule } from "./sharding.ts";

const layouts = ["1x1", "2x2", "4x8", "32x64"].map(parseLayout);
const tables = Object.entries(shardedTables) as [keyof typeof shardedTables, ShardedTable][];

describe("the sharding rule", () => {
  test("in the design's layout every slot of an order has a table of its own", () => {
    const design = parseLayout("32x64");
    const { slots } = shardedTables.t_order;
    const places = Array.from({ length: slots }, (_, slot) => placeOf("t_order", slot, design).join("."));
    expect(new Set(places).size).toBe(slots);
    expect(placeOf("t_order", 2_047, design)).toEqual(["db_31", "t_order_63"]);
    expect(placeOf("t_user", 1_023, design)).toEqual(["db_31", "t_user_31"]);
    expect(placeOf("t_payment", 2_047, design)).toEqual(["db_31", "t_payment"]);
  });

  test("in every layout all places of a table have equally many slots", () => {
    for (const layout of layouts) {
      for (const [table, { slots }] of tables) {
        const slotsByPlace = new Map<string, number>();
        for (let slot = 0; slot < slots; slot++) {
          const place = placeOf(table, slot, layout).join(".");
          slotsByPlace.set(place, (slotsByPlace.get(place) ?? 0) + 1);
        }
        expect(new Set(slotsByPlace.values()).size).toBe(1);
      }
    }
  });

  test("a layout that would load some tables more than others is refused", () => {
    for (const text of ["3x2", "32x128", "2048x1", "0x1", "2", "2x2x2", ""]) {
      expect(() => parseLayout(text)).toThrow("write DATABASESxTABLES");
    }
  });

  test("every spread table has its nodes, goes by slot, and names algorithms that are there", () => {
    const rule = shardingRule(parseLayout("4x8"));
    expect(Object.keys(rule.tables)).toEqual(Object.keys(shardedTables));
    for (const [name, { split }] of tables) {
      const { actualDataNodes, databaseStrategy, tableStrategy } = rule.tables[name]!;
      const strategies = [databaseStrategy, ...(tableStrategy ? [tableStrategy] : [])];
      expect(actualDataNodes).toBe(`db_\${0..3}.${name}${split === "tables" ? "_${0..7}" : ""}`);
      expect(strategies).toHaveLength(split === "tables" ? 2 : 1);
      for (const { standard } of strategies) {
        expect(standard.shardingColumn).toBe("slot");
        expect(Object.keys(rule.shardingAlgorithms)).toContain(standard.shardingAlgorithmName);
      }
    }
  });
});

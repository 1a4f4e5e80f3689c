/** The sharding rule, said in TypeScript and in ShardingSphere's words, is one and the same. */
import { describe, expect, test } from "bun:test";
import { parseLayout, placeOf, shardedTables, shardingRule, slotCount } from "./sharding.ts";

const layouts = ["1x1", "2x2", "4x8", "32x64"].map(parseLayout);

describe("the sharding rule", () => {
  test("in the design's layout every slot has a table of its own", () => {
    const places = Array.from({ length: slotCount }, (_, slot) => placeOf(slot, parseLayout("32x64")));
    expect(new Set(places.map(({ database, table }) => `${database}.${table}`)).size).toBe(slotCount);
    expect(placeOf(2_047, parseLayout("32x64"))).toEqual({ database: 31, table: 63 });
  });

  test("in every layout all tables have equally many slots", () => {
    for (const layout of layouts) {
      const slotsByTable = new Map<string, number>();
      for (let slot = 0; slot < slotCount; slot++) {
        const { database, table } = placeOf(slot, layout);
        slotsByTable.set(`${database}.${table}`, (slotsByTable.get(`${database}.${table}`) ?? 0) + 1);
      }
      const share = slotCount / (layout.databaseCount * layout.tableCount);
      expect(slotsByTable.size * share).toBe(slotCount);
      expect(new Set(slotsByTable.values())).toEqual(new Set([share]));
    }
  });

  test("a layout that would load some tables more than others is refused", () => {
    for (const text of ["3x2", "32x128", "0x1", "2", "2x2x2", ""]) {
      expect(() => parseLayout(text)).toThrow("write DATABASESxTABLES");
    }
  });

  test("every sharded table has its nodes, both strategies by slot, and an algorithm", () => {
    const rule = shardingRule(parseLayout("4x8"));
    for (const table of shardedTables) {
      expect(rule.tables[table]?.actualDataNodes).toBe(`db_\${0..3}.${table}_\${0..7}`);
      expect(rule.tables[table]?.databaseStrategy.standard.shardingColumn).toBe("slot");
      const algorithm = rule.tables[table]!.tableStrategy.standard.shardingAlgorithmName;
      expect(Object.keys(rule.shardingAlgorithms)).toContain(algorithm);
    }
    expect(rule.bindingTables).toEqual([shardedTables.join(",")]);
  });
});

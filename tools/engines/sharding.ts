/**
 * Where a slot lies, for every table that is spread, written out as rules of ShardingSphere. Which tables are spread is
 * said once, beside the queries (packages/adapters/sql/sharding.ts); all others are whole, in database 0.
 *
 *   database = slot mod D        table = (slot div D) mod T
 *
 * With the design's 32 × 64 each slot of an order has a table of its own; with fewer, several slots share one.
 */
import { shardedTables, shardingColumn, type ShardedTable } from "@chepiao/adapters/sql";
import { slotCount, userSlotCount } from "@chepiao/kernel";

/** How many databases, and at most how many tables of a kind in each. */
export type Layout = { readonly databaseCount: number; readonly tableCount: number };

/** From "32x64". Both counts must divide the slots evenly, or some tables would get more rows than others. */
export function parseLayout(text: string): Layout {
  const [, databases, tables] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  const layout = { databaseCount: Number(databases), tableCount: Number(tables) };
  if (slotCount % (layout.databaseCount * layout.tableCount) === 0 && userSlotCount % layout.databaseCount === 0) {
    return layout;
  }
  throw new Error(
    `sharding "${text}": write DATABASESxTABLES, such as 2x2 or 32x64; the product must divide ${slotCount}`,
  );
}

/** The logical data source of a database, as the rules name it. */
export const sourceOf = (database: number): string => `db_${database}`;

/** The database and the table where a slot lies; a table that is spread over databases alone keeps its name. */
export function placeOf(
  table: keyof typeof shardedTables,
  slot: number,
  layout: Layout,
): [source: string, table: string] {
  const { databaseCount } = layout;
  const tables = tableCountOf(shardedTables[table], layout);
  const source = sourceOf(slot % databaseCount);
  return [source, tables ? `${table}_${Math.floor(slot / databaseCount) % tables}` : table];
}

/** The body of ShardingSphere's SHARDING rule. A range of slots finds no algorithm and is refused: it would go everywhere. */
export function shardingRule(layout: Layout) {
  const { databaseCount } = layout;
  const byDatabase = inline(`db_\${${slotNumber} % ${databaseCount}}`);
  const spread = Object.entries(shardedTables).map(([name, table]) => [name, tableCountOf(table, layout)] as const);
  const split = spread.flatMap(([name, tables]) => (tables ? [[name, tables] as const] : []));
  return {
    tables: Object.fromEntries(
      spread.map(([name, tables]) => [
        name,
        {
          actualDataNodes: `db_\${0..${databaseCount - 1}}.${name}${tables ? `_\${0..${tables - 1}}` : ""}`,
          databaseStrategy: by("db"),
          ...(tables ? { tableStrategy: by(name) } : {}),
        },
      ]),
    ),
    // Tickets are read with their order; a table that joins others carries both slots.
    bindingTables: ["t_order,t_order_detail"],
    shardingAlgorithms: Object.fromEntries([
      ["db", byDatabase] as const,
      ...split.map(([name, tables]) => {
        const table = `${slotNumber}.intdiv(${databaseCount}) % ${tables}`;
        return [name, inline(`${name}_\${${table}}`)] as const;
      }),
    ]),
  };
}

/** Drivers send a slot as integer, double or text. */
const slotNumber = `(${shardingColumn} as BigDecimal).longValue()`;

const by = (shardingAlgorithmName: string) => ({ standard: { shardingColumn, shardingAlgorithmName } });
const inline = (expression: string) => ({ type: "INLINE", props: { "algorithm-expression": expression } });

/** 0 for a table that is not split within a database. Users have fewer slots than orders, and so fewer tables. */
function tableCountOf({ slots, split }: ShardedTable, { databaseCount, tableCount }: Layout): number {
  return split === "tables" ? Math.min(tableCount, slots / databaseCount) : 0;
}

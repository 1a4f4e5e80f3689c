/**
 * The sharding rule: which tables are spread, and where a slot lies. It is said once, here, and written out as rules of
 * ShardingSphere. Tables that are not named are whole, in database 0.
 *
 *   database = slot mod D        table = (slot div D) mod T
 *
 * With the design's 32 × 64 each of the 2,048 slots has a table of its own; with fewer, several slots share one.
 */

/** Each carries a column `slot`. Rows of one slot lie together, so these may be joined on it. */
export const shardedTables: readonly string[] = ["t_order", "t_order_detail"];

export const slotCount = 2_048;

/** How many databases, and how many tables of a kind in each. */
export type Layout = { readonly databaseCount: number; readonly tableCount: number };

/** "32x64"; both must divide the slots evenly, or some tables would get more orders than others. */
export function parseLayout(text: string): Layout {
  const [, databases, tables] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  const layout = { databaseCount: Number(databases), tableCount: Number(tables) };
  if (slotCount % (layout.databaseCount * layout.tableCount) !== 0) {
    throw new Error(
      `sharding "${text}": write DATABASESxTABLES, whose product divides ${slotCount}, such as 32x64 or 2x2`,
    );
  }
  return layout;
}

/** The logical data source of a database, as the rules name it. */
export const sourceOf = (database: number): string => `db_${database}`;

export const placeOf = (slot: number, { databaseCount, tableCount }: Layout): { database: number; table: number } => ({
  database: slot % databaseCount,
  table: Math.floor(slot / databaseCount) % tableCount,
});

/** The body of ShardingSphere's SHARDING rule. A range of slots finds no algorithm, and is refused: it would be a broadcast. */
export function shardingRule({ databaseCount, tableCount }: Layout) {
  const databases = `\${0..${databaseCount - 1}}`;
  const tables = `\${0..${tableCount - 1}}`;
  const by = (shardingAlgorithmName: string) => ({ standard: { shardingColumn: "slot", shardingAlgorithmName } });
  const inline = (expression: string) => ({ type: "INLINE", props: { "algorithm-expression": expression } });
  const eachTable = <T>(make: (table: string) => T) =>
    Object.fromEntries(shardedTables.map((table) => [table, make(table)]));
  return {
    tables: eachTable((table) => ({
      actualDataNodes: `db_${databases}.${table}_${tables}`,
      databaseStrategy: by("db"),
      tableStrategy: by(table),
    })),
    bindingTables: [shardedTables.join(",")],
    shardingAlgorithms: {
      db: inline(`db_\${(slot as BigDecimal).longValue() % ${databaseCount}}`),
      ...eachTable((table) =>
        inline(`${table}_\${(slot as BigDecimal).longValue().intdiv(${databaseCount}) % ${tableCount}}`),
      ),
    },
  };
}

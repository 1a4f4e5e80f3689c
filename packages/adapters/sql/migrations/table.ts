/** What SQLite and MySQL say differently when a table is made. */
import { type ColumnDataType, type CreateTableBuilder, type Kysely, MysqlAdapter, sql } from "kysely";

export const isMysql = (db: Kysely<any>): boolean => db.getExecutor().adapter instanceof MysqlAdapter;

/** `counter` is a primary key that the database counts up itself. */
type ColumnType = "bigint" | "integer" | "double precision" | "text" | `varchar(${number})`;
type Columns = Readonly<Record<string, ColumnType | `${ColumnType} null` | "counter">>;
type Keys = {
  readonly primary?: readonly string[];
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
};

/**
 * MySQL commits each statement about tables by itself. So a table is made there in one statement, with its indexes, and only
 * where it is missing: a migration that died half-way is simply run again.
 */
export async function createTable(db: Kysely<any>, name: string, columns: Columns, keys: Keys = {}): Promise<void> {
  const indexes = Object.entries(keys.indexes ?? {});
  let table = withKeys(withColumns(db.schema.createTable(name), columns, isMysql(db)), name, keys);
  if (isMysql(db)) {
    for (const [index, on] of indexes) table = table.addIndex(index, [...on]);
    // Trade numbers, session ids and hashes are told apart to the letter.
    const options = sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`;
    await table.ifNotExists().modifyEnd(options).execute();
    return;
  }
  await table.execute();
  for (const [index, on] of indexes)
    await db.schema
      .createIndex(index)
      .on(name)
      .columns([...on])
      .execute();
}

type Table = CreateTableBuilder<string, any>;

function withColumns(table: Table, columns: Columns, mysql: boolean): Table {
  for (const [column, type] of Object.entries(columns)) {
    table =
      type === "counter"
        ? table.addColumn(column, mysql ? "bigint" : "integer", (col) => col.primaryKey().autoIncrement())
        : table.addColumn(column, type.replace(" null", "") as ColumnDataType, (col) =>
            type.endsWith(" null") ? col : col.notNull(),
          );
  }
  return table;
}

function withKeys(table: Table, name: string, { primary, unique = {} }: Keys): Table {
  if (primary) table = table.addPrimaryKeyConstraint(name.replace(/^t_/, "pk_"), [...primary]);
  for (const [key, on] of Object.entries(unique)) table = table.addUniqueConstraint(key, [...on]);
  return table;
}

/** What SQLite and MySQL say differently when a table is made. */
import { type ColumnDataType, type CreateTableBuilder, type Kysely, MysqlAdapter, type RawBuilder, sql } from "kysely";

export const isMysql = (db: Kysely<any>): boolean => db.getExecutor().adapter instanceof MysqlAdapter;

/** What was there before: read outside a transaction it may come from a replica, which has no table yet that was just made. */
export const fromPrimary = <T>(db: Kysely<any>, read: (db: Kysely<any>) => Promise<T>): Promise<T> =>
  isMysql(db) ? db.transaction().execute(read) : read(db);

/** `counter` is a primary key that the database counts up itself; a `text` of MySQL ends at 64 KB, a `mediumtext` at 16 MB. */
type ColumnType = "bigint" | "integer" | "double precision" | "text" | "mediumtext" | `varchar(${number})`;
type Columns = Readonly<Record<string, ColumnType | `${ColumnType} null` | "counter">>;
type Keys = {
  readonly primary?: readonly string[];
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
};

/**
 * MySQL commits each statement about tables by itself. So a table is made there in one statement, with its indexes, and only
 * where it is missing: a migration that died half-way is simply run again.
 *
 * InnoDB keeps rows in the tree of their primary key. SQLite does so where the key is one `integer`, or where it is told to;
 * otherwise the key is a second tree, and every row written or found costs both.
 */
export async function createTable(db: Kysely<any>, name: string, columns: Columns, keys: Keys = {}): Promise<void> {
  const indexes = Object.entries(keys.indexes ?? {});
  const rowKey = isMysql(db) ? null : rowKeyOf(columns, keys);
  let table = withColumns(db.schema.createTable(name), columns, rowKey, isMysql(db));
  table = withKeys(table, name, rowKey === null ? keys : { ...keys, primary: [] });
  if (isMysql(db)) {
    for (const [index, on] of indexes) table = table.addIndex(index, [...on]);
    // Trade numbers, session ids and hashes are told apart to the letter.
    const options = sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`;
    await table.ifNotExists().modifyEnd(options).execute();
    return;
  }
  if (rowKey === null && keys.primary) table = table.modifyEnd(sql`without rowid`);
  await table.execute();
  for (const [index, on] of indexes)
    await db.schema
      .createIndex(index)
      .on(name)
      .columns([...on])
      .execute();
}

type Table = CreateTableBuilder<string, any>;

/** The one column that can be SQLite's own row number. */
function rowKeyOf(columns: Columns, { primary = [] }: Keys): string | null {
  const [only] = primary;
  return only !== undefined && primary.length === 1 && /^(bigint|integer)$/.test(columns[only]!) ? only : null;
}

function withColumns(table: Table, columns: Columns, rowKey: string | null, mysql: boolean): Table {
  for (const [column, type] of Object.entries(columns)) {
    table =
      type === "counter"
        ? table.addColumn(column, mysql ? "bigint" : "integer", (col) => col.primaryKey().autoIncrement())
        : column === rowKey
          ? table.addColumn(column, "integer", (col) => col.primaryKey())
          : table.addColumn(column, dataTypeOf(type, mysql), (col) => (type.endsWith(" null") ? col : col.notNull()));
  }
  return table;
}

function dataTypeOf(type: Exclude<Columns[string], "counter">, mysql: boolean): ColumnDataType | RawBuilder<unknown> {
  const named = type.replace(" null", "");
  if (named !== "mediumtext") return named as ColumnDataType;
  return mysql ? sql`mediumtext` : "text";
}

function withKeys(table: Table, name: string, { primary, unique = {} }: Keys): Table {
  if (primary && primary.length > 0) table = table.addPrimaryKeyConstraint(name.replace(/^t_/, "pk_"), [...primary]);
  for (const [key, on] of Object.entries(unique)) table = table.addUniqueConstraint(key, [...on]);
  return table;
}

/** To every row that is there, with the default that `type` names; one that may be null needs none. */
export async function addColumn(db: Kysely<any>, table: string, column: string, type: string): Promise<void> {
  try {
    await sql`alter table ${sql.table(table)} add column ${sql.ref(column)} ${sql.raw(type)}`.execute(db);
  } catch (error) {
    // Done by a migration that died behind it. SQLite undoes such a one whole.
    if (!isMysql(db) || (error as { code?: string }).code !== "ER_DUP_FIELDNAME") throw error;
  }
}

export async function addIndex(db: Kysely<any>, table: string, index: string, on: readonly string[]): Promise<void> {
  const columns = sql.join(on.map((column) => sql.ref(column)));
  if (!isMysql(db))
    return void (await sql`create index ${sql.ref(index)} on ${sql.table(table)} (${columns})`.execute(db));
  try {
    await sql`alter table ${sql.table(table)} add index ${sql.ref(index)} (${columns})`.execute(db);
  } catch (error) {
    // Done by a migration that died behind it.
    if ((error as { code?: string }).code !== "ER_DUP_KEYNAME") throw error;
  }
}

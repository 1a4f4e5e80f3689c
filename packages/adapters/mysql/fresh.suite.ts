/**
 * Databases of their own for tests on real engines: on one MariaDB, or as a logical database of ShardingSphere-Proxy that spreads
 * the tables as `shardedTables` says, over the servers there are, with two tables of a kind in each.
 */
import { afterAll } from "bun:test";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { type MysqlDatabase, type MysqlOptions, openMysql } from "./database.ts";
import { migrateMysql } from "./migrate.ts";
import { ask, makeDatabase, makeDatabaseBehindProxy } from "./ownDatabase.ts";

export type FreshMysql = AsyncDisposable & {
  readonly database: MysqlDatabase;
  /** Another process's way in. */
  open(options?: MysqlOptions): MysqlDatabase;
  /** Empties every table but these. */
  wipe(but?: readonly string[]): Promise<void>;
  readonly url: string;
  /** The databases behind it, each on a primary of its own. */
  readonly behind: readonly string[];
};

export type Place = "one MariaDB" | "ShardingSphere-Proxy";

export function engineUrls(variable: "MYSQL_URL" | "MYSQL_PRIMARIES" | "MYSQL_REPLICAS"): string[] {
  const urls = (process.env[variable] ?? "").split(",").filter(Boolean);
  if (urls.length === 0)
    throw new Error(`${variable} is not set: \`npm run engines -- up\` starts MySQL and says where it is`);
  return urls;
}

const ours = `chepiao_test_${process.pid}_${Date.now().toString(36)}`;
let count = 0;

/** SQL for each primary, of a database that another version left. */
export type Dumps = readonly string[];

/** With all tables, and dropped when the file's tests are over. Where dumps are given, their tables are migrated. */
export async function freshMysql(place: Place, dumps: Dumps = []): Promise<FreshMysql> {
  const fresh = await openFreshMysql(place, dumps);
  afterAll(() => fresh[Symbol.asyncDispose]());
  return fresh;
}

/** With all tables, and dropped when it is disposed of. */
export async function openFreshMysql(place: Place, dumps: Dumps = []): Promise<FreshMysql> {
  await using cleanUp = new AsyncDisposableStack();
  const name = `${ours}_${count++}`;
  const { url, behind, drop } = await (place === "one MariaDB"
    ? makeDatabase(engineUrls("MYSQL_PRIMARIES")[0]!, name)
    : behindTheProxy(name, dumps));
  cleanUp.defer(drop);
  const database = cleanUp.use(openMysql(url));
  await migrateMysql(database);
  const kept = cleanUp.move();
  return {
    database,
    open: (options) => kept.use(openMysql(url, options)),
    url,
    behind,
    wipe: (but = []) => ask(url, (server) => wipe(server, but)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const behindTheProxy = (name: string, dumps: Dumps) =>
  makeDatabaseBehindProxy(
    {
      proxy: engineUrls("MYSQL_URL")[0]!,
      primaries: engineUrls("MYSQL_PRIMARIES"),
      replicas: engineUrls("MYSQL_REPLICAS"),
      jdbcOptions: process.env["MYSQL_JDBC_OPTIONS"] ?? null,
      prepare: async (server, n) => {
        const dump = dumps[n];
        if (dump !== undefined) await load(server, dump);
      },
    },
    name,
  );

/** A statement ends at the end of a line. */
async function load(server: Connection, dump: string): Promise<void> {
  for (const statement of dump.split(";\n")) if (statement.trim() !== "") await server.query(statement);
}

async function wipe(server: Connection, but: readonly string[]): Promise<void> {
  const kept = new Set(["t_migration", "t_migration_turn", ...but]);
  const [rows] = await server.query<RowDataPacket[]>("show tables");
  const tables = rows.map((row) => String(Object.values(row)[0])).filter((table) => !kept.has(table));
  await server.query("begin");
  for (const table of tables) await server.query(`delete from ${table}`);
  await server.query("commit");
}

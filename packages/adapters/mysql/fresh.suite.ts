/**
 * Databases of their own for tests on real engines: on one MariaDB, or as a logical database of ShardingSphere-Proxy that spreads
 * the tables as `shardedTables` says, over the servers there are, with two tables of a kind in each.
 */
import { afterAll } from "bun:test";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { shardedTables, shardingColumn, wholeTables } from "@chepiao/adapters/sql";
import { mysqlConnection } from "./address.ts";
import { type MysqlDatabase, type MysqlOptions, openMysql } from "./database.ts";
import { migrateMysql } from "./migrate.ts";

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

/** Of a kind, in each database behind the proxy. */
export const tablesInEach = 2;

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
  const { url, behind, drop } = await (place === "one MariaDB" ? onOneServer(name) : behindTheProxy(name, dumps));
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

type Made = { readonly url: string; readonly behind: readonly string[]; drop(): Promise<void> };

async function onOneServer(name: string): Promise<Made> {
  const url = await createDatabase(engineUrls("MYSQL_PRIMARIES")[0]!, name);
  return {
    url,
    behind: [url],
    drop: () => ask(url, async (server) => void (await server.query(`drop database ${name}`))),
  };
}

/** Statements of version 5.1 of the proxy. Its pools look for a server that was away as seldom as they wait. */
async function behindTheProxy(name: string, dumps: Dumps): Promise<Made> {
  const primaries = engineUrls("MYSQL_PRIMARIES");
  const replicas = engineUrls("MYSQL_REPLICAS");
  const behind = await Promise.all(primaries.map((url) => createDatabase(url, name)));
  for (const [n, dump] of dumps.entries()) await ask(behind[n]!, (server) => load(server, dump));
  for (const url of replicas) await arrived(Object.assign(new URL(url), { pathname: name }).href);
  const proxy = engineUrls("MYSQL_URL")[0]!;
  const resource = (id: string, url: string) => {
    const { hostname, port, username, password } = new URL(url);
    const options = process.env["MYSQL_JDBC_OPTIONS"] ?? "useSSL=false&allowPublicKeyRetrieval=true";
    const jdbc = `jdbc:mysql://${hostname}:${port}/${name}?${options}`;
    return `${id} (url="${jdbc}", user=${username}, password=${password}, properties("maximumPoolSize"=40, "connectionTimeout"=2000))`;
  };
  await ask(proxy, async (server) => {
    await server.query(`create database ${name}`);
    await server.query(`use ${name}`);
    const pairs = primaries.map((url, n) => [
      resource(`db_${n}_primary`, url),
      resource(`db_${n}_replica`, replicas[n]!),
    ]);
    await server.query(`add resource ${pairs.flat().join(", ")}`);
    const splits = primaries.map(
      (_, n) => `db_${n} (write_resource=db_${n}_primary, read_resources(db_${n}_replica), type(name=random))`,
    );
    await server.query(`create readwrite_splitting rule ${splits.join(", ")}`);
    for (const statement of shardingRules(primaries.length, tablesInEach)) await server.query(statement);
  });
  const url = Object.assign(new URL(proxy), { pathname: name }).href;
  return {
    url,
    behind,
    async drop() {
      await ask(proxy, async (server) => void (await server.query(`drop database ${name}`)));
      for (const each of behind) await ask(each, async (server) => void (await server.query(`drop database ${name}`)));
    },
  };
}

function shardingRules(databases: number, tables: number): string[] {
  const algorithm = (name: string, expression: string) =>
    `create sharding algorithm ${name} (type(name=inline, properties("algorithm-expression"="${expression}")))`;
  const by = (name: string) => `(type=standard, sharding_column=${shardingColumn}, sharding_algorithm=${name})`;
  const slot = `(${shardingColumn} as BigDecimal).longValue()`;
  const names = `db_\${0..${databases - 1}}`;
  const rules = Object.entries(shardedTables).flatMap(([table, { split }]) =>
    split === "databases"
      ? [`create sharding table rule ${table} (datanodes("${names}.${table}"), database_strategy${by("by_slot")})`]
      : [
          algorithm(`${table}_by_slot`, `${table}_\${${slot}.intdiv(${databases}) % ${tables}}`),
          `create sharding table rule ${table} (datanodes("${names}.${table}_\${0..${tables - 1}}"),
            database_strategy${by("by_slot")}, table_strategy${by(`${table}_by_slot`)})`,
        ],
  );
  const whole = wholeTables.map((table) => `create sharding table rule ${table} (datanodes("db_0.${table}"))`);
  return [algorithm("by_slot", `db_\${${slot} % ${databases}}`), ...rules, ...whole];
}

async function createDatabase(server: string, name: string): Promise<string> {
  await ask(server, async (connection) => void (await connection.query(`create database ${name}`)));
  return Object.assign(new URL(server), { pathname: name }).href;
}

/** A statement ends at the end of a line. */
async function load(server: Connection, dump: string): Promise<void> {
  for (const statement of dump.split(";\n")) if (statement.trim() !== "") await server.query(statement);
}

/** The replica has the database, too. */
async function arrived(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask(url, async () => {});
    } catch (error) {
      if (tries === 100) throw error;
      await Bun.sleep(50);
    }
  }
}

async function wipe(server: Connection, but: readonly string[]): Promise<void> {
  const kept = new Set(["t_migration", "t_migration_turn", ...but]);
  const [rows] = await server.query<RowDataPacket[]>("show tables");
  const tables = rows.map((row) => String(Object.values(row)[0])).filter((table) => !kept.has(table));
  await server.query("begin");
  for (const table of tables) await server.query(`delete from ${table}`);
  await server.query("commit");
}

/** Asks a server or the proxy directly. */
export async function ask<T>(url: string, questions: (server: Connection) => Promise<T>): Promise<T> {
  const server = await createConnection({ ...mysqlConnection(url).options, supportBigNumbers: true });
  try {
    return await questions(server);
  } finally {
    await server.end();
  }
}

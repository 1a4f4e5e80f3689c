/**
 * Databases of their own on servers that others use, too: on one MySQL, or as a logical database of ShardingSphere-Proxy that spreads the tables as
 * `shardedTables` says, over the servers there are, with two tables of a kind in each. Whoever makes one also drops it.
 */
import { shardedTables, shardingColumn, wholeTables } from "@chepiao/adapters/sql";
import { type Connection, createConnection } from "mysql2/promise";
import { mysqlConnection } from "./address.ts";

export type OwnDatabase = {
  readonly url: string;
  /** The databases behind it, each on a primary of its own. */
  readonly behind: readonly string[];
  drop(): Promise<void>;
};

export type BehindProxy = {
  readonly proxy: string;
  readonly primaries: readonly string[];
  /** One for each primary. */
  readonly replicas: readonly string[];
  /** How the proxy reaches them; null: without TLS. */
  readonly jdbcOptions: string | null;
  /** Is done with each primary before the proxy knows of it. */
  readonly prepare?: (server: Connection, n: number) => Promise<void>;
};

/** Of a kind, in each database behind the proxy. */
export const tablesInEach = 2;

/** On one server, which may be asked for it by the account in the address. */
export async function makeDatabase(server: string, name: string): Promise<OwnDatabase> {
  const url = await createDatabase(server, name);
  return { url, behind: [url], drop: () => dropDatabase(url, name) };
}

/** Statements of version 5.1 of the proxy. Its pools look for a server that was away as seldom as they wait. What was made before one fails is dropped again. */
export async function makeDatabaseBehindProxy(servers: BehindProxy, name: string): Promise<OwnDatabase> {
  const { proxy, primaries, replicas, jdbcOptions, prepare = async () => {} } = servers;
  await using cleanUp = new AsyncDisposableStack();
  const behind: string[] = [];
  for (const [n, primary] of primaries.entries()) {
    const url = await createDatabase(primary, name);
    cleanUp.defer(() => dropDatabase(url, name));
    behind.push(url);
    await ask(url, (server) => prepare(server, n));
  }
  for (const url of replicas) await arrived(Object.assign(new URL(url), { pathname: name }).href);
  const resource = (id: string, url: string) => {
    const { hostname, port, username, password } = new URL(url);
    const options = jdbcOptions ?? "useSSL=false&allowPublicKeyRetrieval=true";
    const jdbc = `jdbc:mysql://${hostname}:${port}/${name}?${options}`;
    return `${id} (url="${jdbc}", user=${username}, password=${password}, properties("maximumPoolSize"=40, "connectionTimeout"=2000))`;
  };
  await ask(proxy, async (server) => {
    await server.query(`create database ${name}`);
    cleanUp.defer(() => dropDatabase(proxy, name));
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
  const kept = cleanUp.move();
  const url = Object.assign(new URL(proxy), { pathname: name }).href;
  return { url, behind, drop: () => kept.disposeAsync() };
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

const dropDatabase = (server: string, name: string) =>
  ask(server, async (connection) => void (await connection.query(`drop database ${name}`)));

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

/** Asks a server or the proxy directly. */
export async function ask<T>(url: string, questions: (server: Connection) => Promise<T>): Promise<T> {
  const server = await createConnection({ ...mysqlConnection(url).options, supportBigNumbers: true });
  try {
    return await questions(server);
  } finally {
    await server.end();
  }
}

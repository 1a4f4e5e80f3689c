/**
 * One logical MySQL: a MySQL or MariaDB server, or ShardingSphere-Proxy in front of many. Nothing here knows which.
 *
 * Reads see every write that was answered, whichever process made it: they carry a hint that keeps the proxy from asking a replica.
 * What may be some time behind (read models, reports) says so by using `stale`.
 */
import { Kysely, type MysqlPool, MysqlDialect, type MysqlPoolConnection } from "kysely";
import { createPool, type Pool, type PoolConnection, type QueryError, type SqlValue, TypedParameter } from "mysql2";
import { secondMs } from "@chepiao/kernel";
import { clearer } from "./errors.ts";
import type { MysqlTables } from "./tables.ts";

export type MysqlDatabase = AsyncDisposable & {
  readonly sql: Kysely<MysqlTables>;
  /** May be answered by a replica. */
  readonly stale: Kysely<MysqlTables>;
  /** Which server this is, without the password. */
  readonly name: string;
};

/** A statement as it is sent. */
export type Statement = {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly inTransaction: boolean;
};

export type MysqlOptions = {
  readonly connectionsMax?: number;
  /** Longer than any statement of ours takes. What takes longer has lost its server; its connection is given up. */
  readonly statementTimeoutMs?: number;
  /** Sees every statement before it is sent, and may throw instead. For tests. */
  readonly beforeStatement?: (statement: Statement) => void;
};

const connectTimeoutMs = 3 * secondMs;
/** Statements that wait for a connection; more than that is an overload to be told of. */
const waitingMax = 20_000;

/** To ShardingSphere-Proxy 5.1 and to 5.2 and newer; to everybody else a comment. */
const primaryOnly = "/* ShardingSphere hint: writeRouteOnly=true *//* SHARDINGSPHERE_HINT: WRITE_ROUTE_ONLY=true */ ";

/** Opens nothing yet: connections are made when they are needed, so processes and servers may start in any order. */
export function openMysql(url: string, options: MysqlOptions = {}): MysqlDatabase {
  const { username, password, hostname, port, pathname } = new URL(url);
  const name = `MySQL at ${hostname}:${port || 3306}${pathname}`;
  const pool = createPool({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    charset: "utf8mb4_bin",
    connectionLimit: options.connectionsMax ?? 16,
    queueLimit: waitingMax,
    connectTimeout: connectTimeoutMs,
    // Numbers up to 2^53 are numbers; anything beyond would be text, never a rounded number.
    supportBigNumbers: true,
    bigNumberStrings: false,
    // An update counts the rows it has found: one that changes nothing about a row has still found it.
    flags: ["FOUND_ROWS"],
  });
  const sql = new Kysely<MysqlTables>({
    dialect: new MysqlDialect({ pool: guarded(pool, name, options, primaryOnly) }),
  });
  const stale = new Kysely<MysqlTables>({ dialect: new MysqlDialect({ pool: guarded(pool, name, options, "") }) });
  return {
    sql,
    stale,
    name,
    [Symbol.asyncDispose]: () => new Promise((resolve) => pool.end(() => resolve())),
  };
}

function guarded(pool: Pool, name: string, options: MysqlOptions, readHint: string): MysqlPool {
  return {
    getConnection: (done) =>
      pool.getConnection((error, connection) => {
        if (error) done(clearer(error, name), undefined as never);
        else done(null, guard(connection, name, options, readHint));
      }),
    end: (done) => pool.end(done),
  };
}

/** A connection that adds the hint, knows when it is lost, and says clearly what went wrong. */
function guard(connection: PoolConnection, name: string, options: MysqlOptions, readHint: string): MysqlPoolConnection {
  const { statementTimeoutMs = 10 * secondMs, beforeStatement } = options;
  let lost = false;
  let inTransaction = false;

  function query(text: string, values: readonly unknown[], done: (error: unknown, result: never) => void) {
    // A lost connection has been rolled back by the server; the error that lost it is the one to be told.
    if (lost && text === "rollback") return done(null, [] as never);
    const sql = text.startsWith("select") ? readHint + text : text;
    inTransaction = text === "begin" || (inTransaction && text !== "commit" && text !== "rollback");
    try {
      beforeStatement?.({ sql, parameters: values, inTransaction });
    } catch (error) {
      lost = true;
      connection.destroy();
      return done(error, undefined as never);
    }
    const answered = (error: QueryError | null, result: unknown) => {
      if (error && (error.fatal || error.code === "PROTOCOL_SEQUENCE_TIMEOUT")) {
        lost = true;
        connection.destroy();
      }
      done(error ? clearer(error, name) : null, result as never);
    };
    const statement = { sql, timeout: statementTimeoutMs };
    const isBulk = values.some(Array.isArray);
    if (values.length === 0 || isBulk) connection.query({ ...statement, values: [...values] as SqlValue[] }, answered);
    // Prepared: a proxy takes a statement apart once and not each time, which costs it more than anything else it does.
    else connection.execute({ ...statement, values: values.map(typed) }, answered);
  }

  return {
    query: query as unknown as MysqlPoolConnection["query"],
    release: () => !lost && connection.release(),
    destroy: () => connection.destroy(),
    threadId: connection.threadId,
    config: connection.config,
    connect: () => {},
  };
}

/** Whole numbers are sent as such: the driver would send fractions, which a proxy does not take for a limit. */
function typed(value: unknown) {
  if (typeof value !== "number" || !Number.isInteger(value)) return value;
  return Math.abs(value) <= intMax ? TypedParameter.LONG(value) : TypedParameter.LONGLONG(value);
}
const intMax = 2 ** 31 - 1;

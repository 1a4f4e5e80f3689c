/**
 * One logical MySQL: a MySQL or MariaDB server, or ShardingSphere-Proxy in front of many. Nothing here knows which.
 *
 * Reads see every write that was answered, whichever process made it: they carry a hint that keeps the proxy from asking a replica.
 * What may be some time behind (read models, reports) says so by using `stale`.
 */
import { Kysely, MysqlDialect } from "kysely";
import { createPool } from "mysql2";
import { secondMs } from "@chepiao/kernel";
import type { TlsIdentity } from "@chepiao/adapters/engine-address";
import { mysqlConnection } from "./address.ts";
import { guarded, type Statement } from "./connection.ts";
import type { MysqlTables } from "./tables.ts";

export type MysqlDatabase = AsyncDisposable & {
  readonly sql: Kysely<MysqlTables>;
  /** May be answered by a replica. */
  readonly stale: Kysely<MysqlTables>;
  /** Which server this is, without the password. */
  readonly name: string;
};

export type MysqlOptions = {
  /** Over TLS, where the address says nothing of it: who is trusted, and who we are. */
  readonly identity?: TlsIdentity;
  readonly connectionsMax?: number;
  /** Longer than any statement of ours takes. What takes longer has lost its server; its connection is given up. */
  readonly statementTimeoutMs?: number;
  /** Sees every statement before it is sent; where it throws, the connection is lost. For tests. */
  readonly beforeStatement?: (statement: Statement) => void;
};

const connectionsMaxDefault = 16;
const statementTimeoutMsDefault = 10 * secondMs;
const connectTimeoutMs = 3 * secondMs;
/** Statements that wait for a connection; more than that is an overload to be told of. */
const waitingMax = 20_000;

/** To ShardingSphere-Proxy 5.1, and to 5.2 and newer; to everybody else a comment. */
const primaryOnly = "/* ShardingSphere hint: writeRouteOnly=true *//* SHARDINGSPHERE_HINT: WRITE_ROUTE_ONLY=true */ ";

/** Opens nothing yet: connections are made when they are needed, so processes and servers may start in any order. */
export function openMysql(url: string, options: MysqlOptions = {}): MysqlDatabase {
  const { name, isPlain, options: server } = mysqlConnection(url, options.identity);
  const pool = createPool({
    ...server,
    charset: "utf8mb4_bin",
    connectionLimit: options.connectionsMax ?? connectionsMaxDefault,
    queueLimit: waitingMax,
    connectTimeout: connectTimeoutMs,
    // Numbers up to 2^53 are numbers; anything beyond would be text, never a rounded number.
    supportBigNumbers: true,
    bigNumberStrings: false,
    // An update counts the rows it has found: one that changes nothing about a row has still found it.
    flags: ["FOUND_ROWS"],
  });
  const reading = (readHint: string) =>
    new Kysely<MysqlTables>({
      dialect: new MysqlDialect({
        pool: guarded(pool, {
          name,
          isPlain,
          readHint,
          statementTimeoutMs: options.statementTimeoutMs ?? statementTimeoutMsDefault,
          beforeStatement: options.beforeStatement,
        }),
      }),
    });
  return {
    sql: reading(primaryOnly),
    stale: reading(""),
    name,
    [Symbol.asyncDispose]: () => new Promise((resolve) => pool.end(() => resolve())),
  };
}

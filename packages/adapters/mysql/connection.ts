/**
 * A connection as the query builder gets it: statements are prepared, reads say that they want the primary, what hangs is given up,
 * and what goes wrong is said clearly.
 */
import type { MysqlPool, MysqlPoolConnection } from "kysely";
import { type Pool, type PoolConnection, type QueryError, type SqlValue, TypedParameter } from "mysql2";
import { clearer } from "./errors.ts";

/** A statement as it is sent. */
export type Statement = {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly inTransaction: boolean;
};

export type ConnectionSettings = {
  /** Which server this is. */
  readonly name: string;
  /** Put before every read. */
  readonly readHint: string;
  readonly statementTimeoutMs: number;
  readonly beforeStatement: ((statement: Statement) => void) | undefined;
};

export const guarded = (pool: Pool, settings: ConnectionSettings): MysqlPool => ({
  getConnection: (done) =>
    pool.getConnection((error, connection) => {
      if (error) done(clearer(error, settings.name), undefined as never);
      else done(null, guard(connection, settings));
    }),
  end: (done) => pool.end(done),
});

type Answered = (error: unknown, result: never) => void;

function guard(connection: PoolConnection, settings: ConnectionSettings): MysqlPoolConnection {
  const { name, readHint, statementTimeoutMs, beforeStatement } = settings;
  let lost = false;
  let inTransaction = false;

  function lose() {
    lost = true;
    connection.destroy();
  }

  function query(text: string, parameters: readonly unknown[], done: Answered) {
    // The server rolls back what it has lost; the error that lost it is the one to be told.
    if (lost && text === "rollback") return done(null, [] as never);
    const sql = text.startsWith("select") ? readHint + text : text;
    inTransaction = text === "begin" || (inTransaction && text !== "commit" && text !== "rollback");
    try {
      beforeStatement?.({ sql, parameters, inTransaction });
    } catch (error) {
      lose();
      return done(error, undefined as never);
    }
    send(sql, parameters, (error, result) => {
      if (error && (error.fatal || error.code === "PROTOCOL_SEQUENCE_TIMEOUT")) lose();
      done(error ? clearer(error, name) : null, result as never);
    });
  }

  /**
   * Prepared, because taking a statement apart costs a proxy more than anything else it does, and a prepared one it knows. Not so
   * bulk inserts: there the driver writes thousands of values into the text in a quarter of the time.
   */
  function send(
    sql: string,
    parameters: readonly unknown[],
    done: (error: QueryError | null, result: unknown) => void,
  ) {
    const isBulk = parameters.some(Array.isArray);
    const statement = { sql, timeout: statementTimeoutMs };
    if (parameters.length === 0) connection.query(statement, done);
    else if (isBulk) connection.query({ ...statement, values: [...parameters] as SqlValue[] }, done);
    else connection.execute({ ...statement, values: parameters.map(typed) }, done);
  }

  return {
    query: query as unknown as MysqlPoolConnection["query"],
    release: () => !lost && connection.release(),
    destroy: lose,
    threadId: connection.threadId,
    config: connection.config,
    connect: () => {},
  };
}

const intMax = 2 ** 31 - 1;

/** Whole numbers are sent as such: the driver would send fractions, which a proxy does not take for a limit. */
function typed(value: unknown) {
  if (typeof value !== "number" || !Number.isInteger(value)) return value;
  return Math.abs(value) <= intMax ? TypedParameter.LONG(value) : TypedParameter.LONGLONG(value);
}

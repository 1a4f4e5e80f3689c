/**
 * A connection as the query builder gets it: statements are prepared, reads say that they want the primary, what hangs is given up,
 * and what goes wrong is said clearly.
 */
import type { MysqlPool, MysqlPoolConnection } from "kysely";
import { type Pool, type PoolConnection, type QueryError, type SqlValue, TypedParameter } from "mysql2";
import { clearer, isLost } from "./errors.ts";

/** A statement as it is sent. */
export type Statement = {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly inTransaction: boolean;
};

export type ConnectionSettings = {
  /** Which server this is. */
  readonly name: string;
  readonly isPlain: boolean;
  /** Put before every read. */
  readonly readHint: string;
  readonly statementTimeoutMs: number;
  readonly beforeStatement: ((statement: Statement) => void) | undefined;
};

export const guarded = (pool: Pool, settings: ConnectionSettings): MysqlPool => ({
  getConnection: (done) =>
    pool.getConnection((error, connection) => {
      if (error) done(clearer(error, settings.name, false, settings.isPlain), undefined as never);
      else done(null, guard(connection, pool, settings));
    }),
  end: (done) => pool.end(done),
});

type Answered = (error: unknown, result: never) => void;

function guard(first: PoolConnection, pool: Pool, settings: ConnectionSettings): MysqlPoolConnection {
  const { name, readHint, statementTimeoutMs, beforeStatement } = settings;
  let connection = first;
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
    let mayAskAgain = text.startsWith("select") && !inTransaction;
    send(sql, parameters, function answered(error, result): void {
      if (error && (error.fatal || error.code === "PROTOCOL_SEQUENCE_TIMEOUT")) lose();
      if (error && isLost(error) && mayAskAgain) {
        mayAskAgain = false;
        return elsewhere((none) => (none ? answered(error, result) : send(sql, parameters, answered)));
      }
      // From the commit on, nobody knows.
      done(error ? clearer(error, name, inTransaction) : null, result as never);
    });
  }

  /** Takes another connection in the place of one that is gone, before anything depends on it. */
  function elsewhere(taken: (none: unknown) => void) {
    pool.getConnection((none, another) => {
      if (!none) {
        if (!lost) connection.release();
        [connection, lost] = [another, false];
      }
      taken(none);
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
    // Of a connection that breaks the driver tells both, who prepared the statement and who runs it.
    let isTold = false;
    const once: typeof done = (error, result) => {
      if (!isTold) done(error, result);
      isTold = true;
    };
    if (parameters.length === 0) connection.query(statement, once);
    else if (isBulk) connection.query({ ...statement, values: [...parameters] as SqlValue[] }, once);
    else connection.execute({ ...statement, values: parameters.map(typed) }, once);
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

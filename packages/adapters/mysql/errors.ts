/** What MySQL's driver says, in words that name the server and what to do. */

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections; is it running?",
  ENOTFOUND: "has a name that does not resolve",
  EHOSTUNREACH: "cannot be reached",
  ETIMEDOUT: "does not answer",
  ECONNRESET: "closed the connection",
  EPIPE: "closed the connection",
  PROTOCOL_CONNECTION_LOST: "closed the connection",
  PROTOCOL_SEQUENCE_TIMEOUT: "did not answer a statement in time",
  ER_ACCESS_DENIED_ERROR: "does not know this user or password",
  ER_DBACCESS_DENIED_ERROR: "does not let this user into the database",
  ER_BAD_DB_ERROR: "has no such database",
  ER_CON_COUNT_ERROR: "has no connection left",
  ER_NO_SUCH_TABLE: "lacks a table; its migrations have not been run",
  ER_OPTION_PREVENTS_STATEMENT: "is a replica, or was made read-only",
};

/** The same error, with its code, saying more. */
export function clearer(error: NodeJS.ErrnoException, server: string): Error {
  const meaning = meanings[error.code ?? ""];
  if (!meaning) return error;
  return Object.assign(new Error(`${server} ${meaning} (${error.message})`, { cause: error }), { code: error.code });
}

/** The ledger's guard has refused a claim: see `setFreeBits`. */
export const isGuardError = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code === "ER_DATA_OUT_OF_RANGE";

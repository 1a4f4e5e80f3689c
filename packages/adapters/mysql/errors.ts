/**
 * What MySQL's driver says, in words that name the server and what to do. A server that is away is `MysqlUnavailable`, which a caller that
 * waits hears as such; what an operator has to correct stays an error of ours.
 */
import { lostBeforeCommit } from "@chepiao/adapters/sql";
import { tlsTrouble } from "@chepiao/adapters/engine-address";
import { ServiceUnavailable } from "@chepiao/contracts";

/** Nobody knows whether what was asked is done, unless the code says `lostBeforeCommit`. */
export class MysqlUnavailable extends ServiceUnavailable {
  readonly code: string | undefined;

  constructor(server: string, why: string, cause: DriverError, code = cause.code) {
    super(server, `it ${why} (${cause.message})`, 1, { cause });
    this.code = code;
  }
}

type DriverError = Error & { readonly code?: string; readonly sqlState?: string; readonly fatal?: boolean };

const lost: readonly string[] = [
  "ECONNRESET",
  "EPIPE",
  "PROTOCOL_CONNECTION_LOST",
  "ER_CONNECTION_KILLED",
  "ER_SERVER_SHUTDOWN",
];
const away: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections; is it running?",
  ENOTFOUND: "has a name that does not resolve",
  EAI_AGAIN: "has a name that does not resolve now",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached",
  ETIMEDOUT: "does not answer",
  PROTOCOL_SEQUENCE_TIMEOUT: "did not answer a statement in time",
  ER_CON_COUNT_ERROR: "has no connection left",
  ER_OPTION_PREVENTS_STATEMENT: "is a replica, or was made read-only",
};
const mistaken: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: "does not know this user or password",
  ER_DBACCESS_DENIED_ERROR: "does not let this user into the database",
  ER_BAD_DB_ERROR: "has no such database",
  ER_NO_SUCH_TABLE: "lacks a table; its migrations have not been run",
};

/**
 * @param isUndone nothing of what the connection was at can have come to stay
 * @param isPlain we speak in clear
 */
export function clearer(error: DriverError, server: string, isUndone = false, isPlain = false): Error {
  const code = error.code ?? "";
  const insecure = tlsTrouble(error);
  if (insecure) return new MysqlUnavailable(server, insecure, error);
  if (isLost(error))
    return new MysqlUnavailable(server, "closed the connection", error, isUndone ? lostBeforeCommit : code);
  const why = away[code] ?? whyWithoutCode(error);
  if (why) return new MysqlUnavailable(server, why, error);
  const mistake = mistaken[code];
  if (!mistake) return error;
  // That is what MariaDB says to everybody who comes without TLS where it has to be.
  const orTls = isPlain && code === "ER_ACCESS_DENIED_ERROR" ? ", or asks for TLS (mysqls://)" : "";
  return Object.assign(new Error(`${server} ${mistake}${orTls} (${error.message})`, { cause: error }), { code });
}

export function isLost({ code, message, fatal }: DriverError): boolean {
  // The driver, of a connection that it closed before.
  if (code === undefined && fatal === true) return true;
  return isOfProxy(code) ? /connection is closed|link failure/i.test(message) : lost.includes(code!);
}

/** A proxy that has lost a server in the midst of something says so in words: as an internal error, or by a number without a name. */
const isOfProxy = (code: string | undefined): boolean => code === undefined || code === "ER_INTERNAL_ERROR";

/** A proxy that gets no connection to a server says so with a SQL state of the class of connections, or as an internal error. */
function whyWithoutCode({ code, sqlState, message }: DriverError): string | undefined {
  const hasNone = sqlState?.startsWith("08") || (isOfProxy(code) && /connection is not available/i.test(message));
  if (hasNone) return "cannot reach a server behind it";
  return message === "Queue limit reached." ? "is asked more than it can answer" : undefined;
}

/** The ledger's guard has refused a claim: see `setFreeBits`. */
export const isGuardError = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code === "ER_DATA_OUT_OF_RANGE";

/** What SQLite and MySQL call the same thing. */
const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? "";

/** A unique key refused the row. The statement did nothing; a transaction around it goes on. */
export const isDuplicateKey = (error: unknown): boolean =>
  /^(SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)|ER_DUP_ENTRY)$/.test(codeOf(error));

/**
 * The database undid the work so that another could go on: a deadlock, a lock that was not given in time, a row that somebody else
 * changed after our view of it began.
 */
const isDeadlock = (error: unknown): boolean =>
  /^(ER_LOCK_DEADLOCK|ER_LOCK_WAIT_TIMEOUT|ER_CHECKREAD)$/.test(codeOf(error));

const deadlockTriesMax = 8;

/** Does the work again when the database gave it up for another's sake. The work must be one transaction, or one statement. */
export async function againOnDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isDeadlock(error) || tries === deadlockTriesMax) throw error;
    }
  }
}

/** True where the row went in, false where a unique key was in its way. */
export async function inserted(insert: Promise<unknown>): Promise<boolean> {
  try {
    await insert;
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** What SQLite and MySQL call the same thing. */
const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? "";

/** A unique key refused the row. The statement did nothing; a transaction around it goes on. */
export const isDuplicateKey = (error: unknown): boolean =>
  /^(SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)|ER_DUP_ENTRY)$/.test(codeOf(error));

/** The code of an error by which a transaction ended whose commit had not been asked for. */
export const lostBeforeCommit = "LOST_BEFORE_COMMIT";

/**
 * The database undid the work so that another could go on: a deadlock, a lock that was not given in time, a row that another process
 * changed after our view of it began. Or it was lost in the midst of it. Either way nothing of it is done.
 */
const undoneCodes = ["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT", "ER_CHECKREAD", lostBeforeCommit];
const isUndone = (error: unknown): boolean => undoneCodes.includes(codeOf(error));

const triesMax = 8;
const firstWaitMs = 40;

/** By chance, and for longer from try to try. */
const aWhile = (tries: number): Promise<void> => Bun.sleep(Math.random() * firstWaitMs * 2 ** (tries - 1));

/**
 * Does the work again when the database undid it. The work must be one transaction, or one statement. Not at once: two transactions that each
 * hold on one server what the other wants on the next are undone at the same moment, and would meet there again and again.
 */
export async function againIfUndone<T>(work: () => Promise<T>, wait = aWhile): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isUndone(error) || tries === triesMax) throw error;
      await wait(tries);
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

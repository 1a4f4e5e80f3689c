/**
 * Group commit: works that are asked for in one breath, or while others wait for the disk, are one transaction with one such wait, each behind
 * a savepoint of its own. What one of them throws undoes that one alone; where the commit fails, none is done and all are told. For a database
 * that one process writes at a time: there the wait is what a small transaction costs.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import type { Tables } from "./tables.ts";

export type InOneCommit = <T>(work: (trx: Transaction<Tables>) => Promise<T>) => Promise<T>;

/** Longer ones would keep other writers waiting. */
const worksMax = 64;

type Work = {
  readonly run: (trx: Transaction<Tables>) => Promise<() => void>;
  readonly fail: (error: unknown) => void;
};

export function createGroupCommit(db: Kysely<Tables>): InOneCommit {
  let gathered: Work[] = [];
  let isBusy = false;

  async function commitGathered() {
    while (gathered.length > 0) {
      const works = gathered.splice(0, worksMax);
      try {
        const answers = await db.transaction().execute((trx) => runAll(trx, works));
        for (const answer of answers) answer();
      } catch (error) {
        for (const { fail } of works) fail(error);
      }
    }
    isBusy = false;
  }

  return <T>(work: (trx: Transaction<Tables>) => Promise<T>) => {
    const asked = Promise.withResolvers<T>();
    gathered.push({
      async run(trx) {
        const value = await work(trx);
        return () => asked.resolve(value);
      },
      fail: asked.reject,
    });
    if (!isBusy) {
      isBusy = true;
      queueMicrotask(() => void commitGathered());
    }
    return asked.promise;
  };
}

/** What is to be said once all of it is committed. */
async function runAll(trx: Transaction<Tables>, works: readonly Work[]): Promise<(() => void)[]> {
  const answers: (() => void)[] = [];
  for (const { run, fail } of works) {
    await sql`savepoint work`.execute(trx);
    try {
      answers.push(await run(trx));
    } catch (error) {
      await sql`rollback to work`.execute(trx);
      answers.push(() => fail(error));
    }
    await sql`release work`.execute(trx);
  }
  return answers;
}

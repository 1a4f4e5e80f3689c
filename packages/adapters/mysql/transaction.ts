/**
 * One transaction, done again where the database gave it up. Also the only way in which a statement may concern several databases:
 * outside of a transaction ShardingSphere-Proxy runs its parts at once and keeps silent about all failures but the first part's.
 */
import type { Kysely, Transaction } from "kysely";
import { againIfUndone } from "@chepiao/adapters/sql";

export type InTransaction<Tables> = <T>(work: (trx: Transaction<Tables>) => Promise<T>) => Promise<T>;

export const transactionsOn =
  <Tables>(db: Kysely<Tables>): InTransaction<Tables> =>
  (work) =>
    againIfUndone(() => db.transaction().execute(work));

/**
 * `t_lease`: leases by the database's own clock. A failover of the database keeps what was committed, so a lease that was given is never given
 * twice, and whoever is cut off from here is known to hold his until it ends.
 */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Lease, Leases } from "@chepiao/ports/lease";
import { againIfUndone, inserted } from "./errors.ts";
import { isMysql } from "./migrations/table.ts";
import type { Tables } from "./tables.ts";

export function createSqlLeases(db: Kysely<Tables>): Leases {
  const now: RawBuilder<number> = isMysql(db)
    ? sql`cast(unix_timestamp(now(3)) * 1000 as signed)`
    : sql`cast(unixepoch('subsec') * 1000 as integer)`;
  const after = (ms: number): RawBuilder<number> => sql`${now} + ${ms}`;

  async function known(name: string): Promise<{ readonly fence: number; readonly hasEnded: boolean } | null> {
    const row = await db
      .selectFrom("t_lease")
      .select("fence")
      .select(sql<number>`expire_time <= ${now}`.as("has_ended"))
      .where("name", "=", name)
      .executeTakeFirst();
    return row ? { fence: Number(row.fence), hasEnded: Number(row.has_ended) === 1 } : null;
  }

  return {
    async acquire(name, ttlMs): Promise<Lease | null> {
      const before = await known(name);
      if (before === null) {
        const first = { name, fence: 1, expire_time: after(ttlMs) };
        const isOurs = await inserted(db.insertInto("t_lease").values(first).execute());
        return isOurs ? { name, fence: 1 } : null;
      }
      if (!before.hasEnded) return null;
      // By its fence: of many who saw the same end, one moves it on, and nobody else ever has that number.
      const fence = before.fence + 1;
      const take = () =>
        db
          .updateTable("t_lease")
          .set({ fence, expire_time: after(ttlMs) })
          .where((the) => the.and({ name, fence: before.fence }))
          .where("expire_time", "<=", now)
          .executeTakeFirstOrThrow();
      const { numUpdatedRows } = await againIfUndone(take);
      return numUpdatedRows > 0n ? { name, fence } : null;
    },
    async renew({ name, fence }, ttlMs) {
      const { numUpdatedRows } = await db
        .updateTable("t_lease")
        .set({ expire_time: after(ttlMs) })
        .where((the) => the.and({ name, fence }))
        .where("expire_time", ">", now)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async release({ name, fence }) {
      await db
        .updateTable("t_lease")
        .set({ expire_time: 0 })
        .where((the) => the.and({ name, fence }))
        .execute();
    },
  };
}

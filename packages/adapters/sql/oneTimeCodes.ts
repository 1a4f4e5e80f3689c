/** `t_one_time_code`: one row for each account and purpose; a try takes one from it before it is looked at. */
import type { Kysely } from "kysely";
import type { UserId } from "@chepiao/kernel";
import { type CodePurpose, codePurposes, type OneTimeCode, type OneTimeCodes } from "@chepiao/ports/one-time-codes";
import { userSlotOf } from "@chepiao/ports/user-store";
import { codeOf } from "@chepiao/contracts";
import type { OneTimeCodeRow } from "./accounts.tables.ts";
import { againIfUndone, inserted } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

export function createSqlOneTimeCodes(db: Kysely<Tables>, everywhere: Everywhere = (query) => query(db)): OneTimeCodes {
  const of = (userId: UserId, purpose: CodePurpose) => ({
    slot: userSlotOf(userId),
    user_id: userId,
    purpose: codeOf(codePurposes, purpose),
  });
  return {
    async put(code) {
      const row = rowOf(code);
      const { slot, user_id, purpose, ...rest } = row;
      const update = () =>
        db
          .updateTable("t_one_time_code")
          .set(rest)
          .where((the) => the.and({ slot, user_id, purpose }))
          .executeTakeFirstOrThrow();
      // A process that finds no row puts one there; where another was quicker, there is one now.
      await againIfUndone(async () => {
        if ((await update()).numUpdatedRows > 0n) return;
        if (!(await inserted(db.insertInto("t_one_time_code").values(row).execute()))) await update();
      });
    },
    async try({ userId, purpose, codeHash }, now) {
      const { numUpdatedRows } = await db
        .updateTable("t_one_time_code")
        .set((the) => ({ tries_left: the("tries_left", "-", 1) }))
        .where((the) => the.and(of(userId, purpose)))
        .where("tries_left", ">", 0)
        .where("expire_time", ">", now)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return false;
      const row = await db
        .selectFrom("t_one_time_code")
        .select("code_hash")
        .where((the) => the.and(of(userId, purpose)))
        .executeTakeFirst();
      return row?.code_hash === codeHash;
    },
    async use({ userId, purpose, codeHash }, now) {
      const { numDeletedRows } = await db
        .deleteFrom("t_one_time_code")
        .where((the) => the.and({ ...of(userId, purpose), code_hash: codeHash }))
        .where("expire_time", ">", now)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async end(userId, purpose) {
      await db
        .deleteFrom("t_one_time_code")
        .where((the) => the.and(of(userId, purpose)))
        .execute();
    },
    // MySQL deletes with a limit, SQLite does not: the keys are read first.
    purge: (expiredBy, limit) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_one_time_code")
          .select("user_id")
          .where("expire_time", "<=", expiredBy)
          .limit(limit)
          .execute();
        if (rows.length === 0) return 0;
        const ids = rows.map((row) => Number(row.user_id) as UserId);
        const { numDeletedRows } = await all
          .deleteFrom("t_one_time_code")
          .where("slot", "in", [...new Set(ids.map(userSlotOf))])
          .where("user_id", "in", ids)
          .where("expire_time", "<=", expiredBy)
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

const rowOf = (code: OneTimeCode): OneTimeCodeRow => ({
  user_id: code.userId,
  purpose: codeOf(codePurposes, code.purpose),
  slot: userSlotOf(code.userId),
  code_hash: code.codeHash,
  tries_left: code.triesMax,
  create_time: code.createdAt,
  expire_time: code.expiresAt,
});

/** `t_policy`: rows are inserted, and nothing changes one. */
import type { Kysely } from "kysely";
import { saidPolicy } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import { isDuplicateKey } from "./errors.ts";
import type { Tables } from "./tables.ts";

export function createSqlPolicyStore(db: Kysely<Tables>): PolicyStore {
  return {
    async all() {
      const rows = await db
        .selectFrom("t_policy")
        .select(["version", "effective_time", "body"])
        .orderBy("version")
        .execute();
      return rows.map(({ version, effective_time, body }) => ({
        version,
        from: effective_time as EpochMs,
        policy: saidPolicy(JSON.parse(body) as object),
      }));
    },
    async add(after, from, policy) {
      const newest = await db.selectFrom("t_policy").select("version").orderBy("version", "desc").executeTakeFirst();
      if ((newest?.version ?? 0) !== after) return null;
      const version = after + 1;
      try {
        // The key is what settles who was quicker.
        await db
          .insertInto("t_policy")
          .values({ version, effective_time: from, body: JSON.stringify(policy) })
          .execute();
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
      return { version, from, policy };
    },
  };
}

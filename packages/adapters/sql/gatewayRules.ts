/** `t_gateway_rules`, whose rows nothing changes, and `t_gateway_usage`, of which the last hours are kept. */
import type { Kysely, Selectable } from "kysely";
import type { GatewayRules, GatewayRulesVersion, GatewayUsage } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { GatewayStore } from "@chepiao/ports/gateway-store";
import { isDuplicateKey } from "./errors.ts";
import type { Tables } from "./tables.ts";
import { unlessThere } from "./unlessThere.ts";

export function createSqlGatewayStore(db: Kysely<Tables>): GatewayStore {
  const versions = () => db.selectFrom("t_gateway_rules").selectAll();
  const newest = async () => versionOf(await versions().orderBy("version", "desc").limit(1).executeTakeFirst());
  return {
    newest,
    find: async (version) => versionOf(await versions().where("version", "=", version).executeTakeFirst()),
    latest: async (limit) =>
      (await versions().orderBy("version", "desc").limit(limit).execute()).map((row) => versionOf(row)!),
    async add({ version, at, operator, rulesOf, rules }) {
      if (((await newest())?.version ?? 0) !== version - 1) return false;
      try {
        // The key is what settles who was quicker.
        await db
          .insertInto("t_gateway_rules")
          .values({ version, create_time: at, operator, rules_of: rulesOf, body: JSON.stringify(rules) })
          .execute();
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
      return true;
    },
    async addUsage({ minute, source, ...rest }, forgetBefore) {
      const row = { minute, source, body: JSON.stringify(rest) };
      await unlessThere(db, db.insertInto("t_gateway_usage").values(row)).execute();
      await db.deleteFrom("t_gateway_usage").where("minute", "<", forgetBefore).execute();
    },
    async usageSince(since) {
      const rows = db.selectFrom("t_gateway_usage").selectAll().where("minute", ">=", since);
      return (await rows.orderBy("minute").orderBy("source").execute()).map(usageOf);
    },
  };
}

type Row = Selectable<Tables["t_gateway_rules"]>;

const versionOf = (row: Row | undefined): GatewayRulesVersion | null =>
  row === undefined
    ? null
    : {
        version: row.version,
        at: Number(row.create_time) as EpochMs,
        operator: row.operator,
        rulesOf: row.rules_of,
        rules: JSON.parse(row.body) as GatewayRules,
      };

const usageOf = ({ minute, source, body }: Selectable<Tables["t_gateway_usage"]>): GatewayUsage => ({
  minute: Number(minute) as EpochMs,
  source,
  ...(JSON.parse(body) as Omit<GatewayUsage, "minute" | "source">),
});

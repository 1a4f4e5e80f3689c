/** What each asker may ask of a route, by version, and what gateways had to do in the last hours (docs/decisions/0065). No rule was before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const gatewayRules: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_gateway_rules",
      { version: "integer", create_time: "bigint", operator: "varchar(128)", rules_of: "integer", body: "mediumtext" },
      { primary: ["version"] },
    );
    await createTable(
      db,
      "t_gateway_usage",
      { minute: "bigint", source: "varchar(64)", body: "mediumtext" },
      { primary: ["minute", "source"] },
    );
  },
};

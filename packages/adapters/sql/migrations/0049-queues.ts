/** Queues that operators announce, how far each has come, and how its lots were drawn (docs/decisions/0054). None was announced before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const queues: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_queue",
      {
        queue_id: "varchar(24)",
        scope: "varchar(64)",
        collect_time: "bigint",
        open_time: "bigint",
        end_time: "bigint",
        ended_time: "bigint null",
        rules: "text",
        seed: "varchar(64)",
        taken: "bigint",
        served: "bigint",
        root: "varchar(64) null",
        drawn: "bigint null",
      },
      { primary: ["queue_id"] },
    );
    await createTable(
      db,
      "t_queue_draw",
      { queue_id: "varchar(24)", page: "integer", lots: "mediumtext" },
      { primary: ["queue_id", "page"] },
    );
  },
};

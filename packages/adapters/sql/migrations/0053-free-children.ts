/** Children who travel free with the passenger of a ticket (docs/decisions/0061). None was named before. */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const freeChildren: Migration = {
  async up(db) {
    await addColumn(db, "t_order_detail", "free_child", "text null");
  },
};

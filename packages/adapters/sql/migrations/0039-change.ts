/**
 * Tickets that become others (docs/decisions/0046): what an order's tickets stand in place of, and which order a ticket gave way to. Orders that
 * are there replace nothing.
 */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const change: Migration = {
  async up(db) {
    await addColumn(db, "t_order", "replaces", "text null");
    await addColumn(db, "t_order_detail", "replaced_by", "bigint null");
  },
};

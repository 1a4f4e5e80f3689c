/**
 * Whether a register has said that name and document belong together: of saved passengers, and of tickets as they were sold.
 * Tickets of versions before count as they did then, for everybody; saved passengers are asked about when they are next looked at.
 */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const documentProof: Migration = {
  async up(db) {
    await addColumn(db, "t_order_detail", "document_proved", "integer not null default 1");
    // Numbered as `documentProofs`: 3 is `unavailable`.
    await addColumn(db, "t_passenger", "proof", "integer not null default 3");
    await addColumn(db, "t_passenger", "proof_time", "bigint not null default 0");
  },
};

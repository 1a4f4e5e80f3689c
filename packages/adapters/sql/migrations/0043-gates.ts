/** Gates of stations, and what they said of who went in and out (docs/decisions/0049). There were none before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const gates: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_gate",
      {
        gate_id: "varchar(32)",
        station_id: "varchar(64)",
        key_hash: "varchar(64)",
        create_time: "bigint",
        retire_time: "bigint null",
      },
      { primary: ["gate_id"] },
    );
    await createTable(
      db,
      "t_gate_event",
      {
        slot: "integer",
        gate_id: "varchar(32)",
        event_id: "varchar(64)",
        ticket_no: "varchar(32)",
        act: "integer",
        station_id: "varchar(64)",
        event_time: "bigint",
        receive_time: "bigint",
        outcome: "integer",
      },
      {
        primary: ["slot", "ticket_no", "gate_id", "event_id"],
        indexes: { idx_gate_event_outcome: ["outcome", "receive_time"], idx_gate_event_time: ["receive_time"] },
      },
    );
  },
};

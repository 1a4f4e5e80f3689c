/** Accounts, what is unique about them, saved passengers, sessions. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const user: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_user",
      {
        user_id: "bigint",
        slot: "integer",
        username: "varchar(50)",
        password_hash: "varchar(128)",
        real_name: "varchar(50)",
        document_type: "integer",
        document_sealed: "varchar(255)",
        document_hash: "varchar(64)",
        document_masked: "varchar(40)",
        phone_sealed: "varchar(255)",
        phone_masked: "varchar(20)",
        email: "varchar(100) null",
        role: "integer",
        status: "integer",
        create_time: "bigint",
        update_time: "bigint",
      },
      { primary: ["user_id"] },
    );
    // The primary key is the rule: a username and a phone have one place, a document has as many as accounts it may open.
    await createTable(
      db,
      "t_user_unique",
      {
        kind: "integer",
        value_hash: "varchar(64)",
        place: "integer",
        slot: "integer",
        user_id: "bigint",
        create_time: "bigint",
      },
      { primary: ["kind", "value_hash", "place"] },
    );
    await createTable(
      db,
      "t_passenger",
      {
        passenger_id: "bigint",
        user_id: "bigint",
        slot: "integer",
        place: "integer",
        name: "varchar(50)",
        document_type: "integer",
        document_sealed: "varchar(255)",
        document_hash: "varchar(64)",
        document_masked: "varchar(40)",
        phone_sealed: "varchar(255) null",
        phone_masked: "varchar(20) null",
        ticket_type: "integer",
        birth_date: "varchar(10) null",
        is_self: "integer",
        create_time: "bigint",
      },
      {
        primary: ["passenger_id"],
        unique: { uk_passenger_place: ["user_id", "place"], uk_passenger_document: ["user_id", "document_hash"] },
      },
    );
    await createTable(
      db,
      "t_session",
      {
        session_id: "varchar(64)",
        slot: "integer",
        user_id: "bigint",
        user_agent: "varchar(200)",
        create_time: "bigint",
        last_seen_time: "bigint",
        expire_time: "bigint",
      },
      { primary: ["session_id"], indexes: { idx_session_user: ["user_id"], idx_session_expire: ["expire_time"] } },
    );
  },
};

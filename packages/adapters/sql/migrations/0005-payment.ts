/** What was asked for, what arrived, what goes back. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const payment: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_payment",
      {
        payment_no: "varchar(32)",
        order_no: "varchar(32)",
        slot: "integer",
        run_id: "varchar(64)",
        user_id: "bigint",
        channel: "varchar(20)",
        amount_fen: "bigint",
        state: "integer",
        pay_by: "bigint",
        pay_url: "varchar(1000) null",
        next_look: "bigint null",
        create_time: "bigint",
        update_time: "bigint",
      },
      {
        primary: ["payment_no"],
        unique: { uk_payment_order: ["order_no", "channel"] },
        indexes: { idx_payment_look: ["next_look"] },
      },
    );
    // The primary key is the rule: a trade of a provider is money once, whichever way it is told and however often.
    await createTable(
      db,
      "t_payment_trade",
      {
        channel: "varchar(20)",
        trade_no: "varchar(64)",
        payment_no: "varchar(32)",
        order_no: "varchar(32)",
        slot: "integer",
        amount_fen: "bigint",
        pays_order: "integer",
        paid_at: "bigint",
        create_time: "bigint",
      },
      { primary: ["channel", "trade_no"], indexes: { idx_trade_order: ["order_no"] } },
    );
    await createTable(
      db,
      "t_payment_refund",
      {
        refund_no: "varchar(128)",
        payment_no: "varchar(32)",
        order_no: "varchar(32)",
        slot: "integer",
        run_id: "varchar(64)",
        channel: "varchar(20)",
        trade_no: "varchar(64)",
        ticket_no: "varchar(32) null",
        amount_fen: "bigint",
        fee_fen: "bigint",
        reason: "integer",
        state: "integer",
        attempts: "integer",
        next_try: "bigint",
        create_time: "bigint",
        update_time: "bigint",
      },
      { primary: ["refund_no"], indexes: { idx_refund_due: ["state", "next_try"], idx_refund_order: ["order_no"] } },
    );
  },
};

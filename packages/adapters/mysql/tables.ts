/** Columns of the tables that only several servers need; see migrations/0006-shards.ts and 0015-order-lines.ts. */
import type { Tables } from "@chepiao/adapters/sql";

export type MysqlTables = Tables & {
  /** Orders that time will change: unpaid ones at `due_time`, ticketed ones when their trip has ended. */
  t_order_due: {
    order_id: number;
    slot: number;
    /** Of the first line. */
    run_id: string;
    line_count: number;
    order_status: number;
    due_time: number;
  };
  t_seat_claim: {
    slot: number;
    run_id: string;
    order_id: number;
    line_index: number;
    seat_index: number;
    seat_type: number;
    from_stop: number;
    to_stop: number;
    /** A `ClaimStatus`. */
    claim_status: number;
  };
  t_seat_release: {
    order_id: number;
    line_index: number;
    seat_index: number;
    slot: number;
    run_id: string;
    create_time: number;
  };
  t_trade_owner: { channel: string; trade_no: string; slot: number; payment_no: string; create_time: number };
  t_seat_ledger: { slot: number };
  t_document_trip: { slot: number };
  t_student_trip: { slot: number };
  t_document_lock: { document_key: string; slot: number };
  t_account_run: { slot: number };
  /** Which relay carries the message, and until when no other does. */
  t_local_message: { relay: string | null; relayed_until: number | null };
  t_feed_place: { name: string; place: string };
  /** The making of the model that the row belongs to; see migrations/0009-generations.ts. */
  t_user_order_index: { generation: number };
  t_user_order_list: { generation: number };
  t_migration: { name: string; done_time: number };
  t_migration_turn: { id: number };
};

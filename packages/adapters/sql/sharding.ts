/**
 * Which tables are spread over several databases, and how many ways. The one source for the rules of ShardingSphere-Proxy and for
 * the test that asks it where statements go. The queries themselves only carry the column `slot`: on a single server it is a
 * column like any other.
 *
 * Rows that are changed in one transaction have one slot, so they lie on one server and are committed by it alone
 * (docs/decisions/0012).
 */
import type { Kysely } from "kysely";
import { slotCount, userSlotCount } from "@chepiao/kernel";
import type { Tables } from "./tables.ts";

export const shardingColumn = "slot";

export type ShardedTable = {
  /** How many slots there are: 0…slots − 1. */
  readonly slots: number;
  /** `tables`: database = slot mod N, table = slot div N. `databases`: one table in each database, chosen in the same way. */
  readonly split: "tables" | "databases";
};

const byOrder = { slots: slotCount, split: "tables" } as const;
const byUser = { slots: userSlotCount, split: "tables" } as const;
/** What is swept by time, and so is asked of each database rather than of each table. */
const besideOrders = { slots: slotCount, split: "databases" } as const;
const besideUsers = { slots: userSlotCount, split: "databases" } as const;

export const shardedTables = {
  // Slot of the order, which is its payer's.
  t_order: byOrder,
  t_order_detail: byOrder,
  // Of the few orders that have several.
  t_order_line: besideOrders,
  t_order_due: besideOrders,
  t_seat_release: besideOrders,
  t_account_run: besideOrders,
  t_mistake_refund: besideOrders,
  t_run_refund: besideOrders,
  // Slot of the order of its ticket.
  t_gate_event: besideOrders,
  t_local_message: besideOrders,
  t_payment: besideOrders,
  t_payment_trade: besideOrders,
  t_payment_refund: besideOrders,
  t_waitlist_order: besideOrders,
  t_waitlist_item: besideOrders,
  // Slot of the run.
  t_seat_ledger: besideOrders,
  t_seat_claim: besideOrders,
  t_user_order_index: besideOrders,
  t_waitlist_release: besideOrders,
  t_waitlist_outcome: besideOrders,
  t_waitlist_stop: besideOrders,
  // Slot of the document's key.
  t_document_trip: besideOrders,
  t_document_lock: besideOrders,
  t_student_trip: besideOrders,
  // Slot of the trade number.
  t_trade_owner: besideOrders,
  // Slot of the user.
  t_user: byUser,
  t_passenger: byUser,
  t_session: besideUsers,
  t_user_order_list: besideUsers,
  t_notification: besideUsers,
  t_notification_preference: besideUsers,
  t_delivery: besideUsers,
  t_one_time_code: besideUsers,
  // Slot of the user, or of the name where there is none.
  t_security_event: besideUsers,
  // Slot of the recipient.
  t_sandbox_message: besideUsers,
  // Slot of the value that is unique.
  t_user_unique: byUser,
} as const satisfies Readonly<Record<string, ShardedTable>>;

/** What is read into memory as a whole, or is the database's own book-keeping: on one server, the first, and never spread. */
export const wholeTables = [
  "t_timetable",
  "t_station",
  "t_composition",
  "t_train_calendar",
  "t_train_trip",
  "t_train_fare",
  "t_train",
  "t_train_stop",
  "t_fare_override",
  "t_run_source",
  "t_run_state",
  "t_run_cancellation",
  "t_run_notice",
  "t_feed_place",
  "t_policy",
  "t_queue",
  "t_queue_draw",
  "t_queue_taken",
  "t_queue_list",
  "t_quota",
  "t_quota_change",
  "t_audit_entry",
  "t_audit_end",
  "t_reconciliation_case",
  "t_reconciliation_run",
  "t_risk_appeal",
  "t_risk_block",
  "t_risk_decision",
  "t_run_reseat",
  "t_withdrawn_coach",
  "t_withdrawn_coach_change",
  "t_gate",
  "t_gateway_rules",
  "t_gateway_usage",
  "t_lease",
  "t_migration",
  "t_migration_turn",
] as const;

/**
 * Asks something that no slot is known for, and so of every database: sweeps by time, and sums. Where there are several it is a
 * transaction, because a proxy may pass over a server that fails outside of one.
 */
export type Everywhere = <T>(query: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;

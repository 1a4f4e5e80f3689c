/** A database as versions before left it: what later migrations did is undone, the newest first. */
import { sql } from "kysely";
import type { SqliteDatabase } from "./index.ts";

const undo = {
  "0065-risk-appeals": [sql`drop table t_risk_appeal`],
  "0064-reconciliation": [
    sql`drop index idx_trade_paid`,
    sql`drop index idx_refund_changed`,
    sql`drop table t_reconciliation_case`,
    sql`drop table t_reconciliation_run`,
  ],
  "0063-audit-trail": [sql`drop table t_audit_entry`, sql`drop table t_audit_end`],
  "0061-notification-preferences": [sql`drop table t_notification_preference`],
  "0060-deliveries": [sql`drop table t_delivery`],
  "0059-gateway-rules": [sql`drop table t_gateway_rules`, sql`drop table t_gateway_usage`],
  "0058-risk-signals": [sql`alter table t_risk_decision drop column signals`],
  "0057-notifications": [sql`drop table t_notification`],
  "0056-exchanges": [sql`alter table t_withdrawn_coach drop column exchange`],
  "0055-run-reseats": [sql`drop table t_run_reseat`],
  "0054-risk": [sql`drop table t_risk_block`, sql`drop table t_risk_decision`],
  "0053-free-children": [sql`alter table t_order_detail drop column free_child`],
  "0052-student-trips": [sql`drop table t_student_trip`],
  "0051-queue-lots": [
    sql`drop table t_queue_list`,
    sql`drop table t_queue_taken`,
    ...["seed_hash", "chance_from", "chance", "lots", "root_time"].map(
      (column) => sql`alter table t_queue drop column ${sql.ref(column)}`,
    ),
  ],
  "0050-withdrawn-coaches": [sql`drop table t_withdrawn_coach`, sql`drop table t_withdrawn_coach_change`],
  "0045-run-cancellations": [sql`drop table t_run_cancellation`],
  "0049-queues": [sql`drop table t_queue`, sql`drop table t_queue_draw`],
  "0044-passages": [sql`drop index idx_order_several`, sql`alter table t_order_detail drop column passages`],
  "0043-gates": [sql`drop table t_gate_event`, sql`drop table t_gate`],
  "0042-ended-entries": [sql`drop index idx_waitlist_ended`],
  "0041-run-refunds": [sql`drop table t_run_refund`],
  "0040-mistake-refunds": [sql`drop table t_mistake_refund`],
  "0039-change": [
    sql`alter table t_order drop column replaces`,
    sql`alter table t_order_detail drop column replaced_by`,
  ],
  "0038-order-index-by-run": [],
  "0037-added-trains": [
    sql`alter table t_timetable drop column added_runs`,
    sql`drop index idx_waitlist_added`,
    sql`alter table t_waitlist_order drop column added_trains`,
    sql`alter table t_waitlist_order drop column added_until`,
    sql`alter table t_waitlist_item drop column added_time`,
  ],
  "0029-waitlist-outcomes": [sql`drop index idx_waitlist_item_date`, sql`drop table t_waitlist_outcome`],
  "0028-waitlist-policy": [
    sql`alter table t_waitlist_order drop column policy_version`,
    sql`alter table t_waitlist_order drop column end_by`,
  ],
  "0027-quotas": [sql`drop table t_quota`, sql`drop table t_quota_change`],
  "0026-waitlist": [
    sql`alter table t_payment drop column purpose`,
    sql`alter table t_order drop column hold_line`,
    sql`drop table t_waitlist_order`,
    sql`drop table t_waitlist_item`,
    sql`drop table t_waitlist_release`,
    sql`drop table t_waitlist_stop`,
  ],
  "0023-run-states": [sql`drop table t_run_source`, sql`drop table t_run_state`, sql`drop table t_run_notice`],
  "0022-trips-and-fares": [
    sql`alter table t_train drop column fares_id`,
    sql`alter table t_station drop column stop_ids`,
    sql`drop table t_train_trip`,
    sql`drop table t_train_fare`,
  ],
  "0020-policy": [sql`drop table t_policy`, sql`alter table t_order drop column policy_version`],
  "0019-leases": [sql`drop table t_lease`],
  "0018-unproved-users": [sql`drop index idx_user_unproved`],
  "0017-phone-proof": [
    sql`alter table t_user_unique drop column proved`,
    sql`alter table t_user drop column phone_proof_time`,
  ],
  "0016-sealed-email": [
    sql`drop index idx_user_email`,
    sql`alter table t_user drop column email_sealed`,
    sql`alter table t_user drop column email_masked`,
  ],
  "0015-order-lines": [
    sql`alter table t_order drop column line_count`,
    sql`alter table t_order_detail drop column line_index`,
    sql`drop table t_order_line`,
  ],
  "0014-document-proof": [
    sql`alter table t_order_detail drop column document_proved`,
    sql`alter table t_passenger drop column proof`,
    sql`alter table t_passenger drop column proof_time`,
  ],
  "0013-trips": [sql`drop table t_document_trip`, sql`drop table t_account_run`],
  "0012-stops-and-stations": [
    sql`alter table t_train_stop drop column closed_to`,
    sql`alter table t_station drop column aliases`,
    sql`alter table t_station drop column zone`,
    sql`alter table t_timetable drop column attributions`,
  ],
  "0011-account-security": [
    sql`alter table t_user drop column status_reason`,
    sql`alter table t_user drop column sessions_since`,
    sql`drop table t_one_time_code`,
    sql`drop table t_security_event`,
    sql`drop table t_sandbox_message`,
  ],
  "0010-payment-version": [sql`alter table t_payment drop column version`],
} as const;

/** Undoes that migration and all after it. */
export async function asBefore(database: Pick<SqliteDatabase, "sql">, migration: keyof typeof undo): Promise<void> {
  for (const [name, steps] of Object.entries(undo)) {
    for (const step of steps) await step.execute(database.sql);
    await sql`delete from kysely_migration where name = ${name}`.execute(database.sql);
    if (name === migration) return;
  }
}

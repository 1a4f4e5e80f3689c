/** What is in `t_security_event`, for the tests of both databases: the platform itself only appends. */
import type { Kysely } from "kysely";
import { epochMs } from "@chepiao/kernel";
import type { SecurityAction, SecurityEvent, SecurityStatus } from "@chepiao/ports/security-events";
import type { Tables } from "./tables.ts";

export async function securityEventsIn(db: Kysely<Tables>): Promise<readonly SecurityEvent[]> {
  const rows = await db
    .selectFrom("t_security_event")
    .select(["create_time", "level", "service", "trace_id", "user_id", "action", "message", "status", "reason"])
    .select(["name_hash", "address"])
    .orderBy("event_id")
    .execute();
  return rows.map((row) => ({
    timestamp: epochMs(Number(row.create_time)),
    level: row.level as SecurityEvent["level"],
    service: row.service,
    traceId: row.trace_id,
    userId: row.user_id === null ? null : Number(row.user_id),
    action: row.action as SecurityAction,
    message: row.message,
    status: row.status as SecurityStatus,
    reason: row.reason,
    nameHash: row.name_hash,
    address: row.address,
  }));
}

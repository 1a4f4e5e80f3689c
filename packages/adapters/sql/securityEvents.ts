/** `t_security_event`: rows are inserted, and deleted when they are old; nothing changes one. */
import { randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import type { UserId } from "@chepiao/kernel";
import type { SecurityEvent, SecurityEvents } from "@chepiao/ports/security-events";
import { slotOfHash, userSlotOf } from "@chepiao/ports/user-store";
import type { SecurityEventRow } from "./accounts.tables.ts";
import { againIfUndone } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

export function createSqlSecurityEvents(
  db: Kysely<Tables>,
  everywhere: Everywhere = (query) => query(db),
): SecurityEvents {
  let count = 0;
  // A process has a prefix of its own; within it they are told apart, and ordered, by their count.
  const prefix = randomBytes(8).toString("hex");
  const idOf = ({ timestamp }: SecurityEvent) =>
    `${timestamp.toString(36).padStart(9, "0")}-${(count++).toString(36).padStart(8, "0")}-${prefix}`;
  return {
    async append(events) {
      // One by one: rows of one statement might lie on several servers, and be written in part.
      for (const event of events) {
        const row = rowOf(event, idOf(event));
        await againIfUndone(() => db.insertInto("t_security_event").values(row).execute());
      }
    },
    // MySQL deletes with a limit, SQLite does not: the ids are read first.
    purge: (before, limit) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_security_event")
          .select(["event_id", "slot"])
          .where("create_time", "<", before)
          .limit(limit)
          .execute();
        if (rows.length === 0) return 0;
        const { numDeletedRows } = await all
          .deleteFrom("t_security_event")
          .where("slot", "in", [...new Set(rows.map(({ slot }) => Number(slot)))])
          .where(
            "event_id",
            "in",
            rows.map((row) => row.event_id),
          )
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

const textMax = 200;

const rowOf = (event: SecurityEvent, eventId: string): SecurityEventRow => ({
  event_id: eventId,
  slot: event.userId === null ? slotOfHash(event.nameHash ?? "0") : userSlotOf(event.userId as UserId),
  create_time: event.timestamp,
  level: event.level,
  service: event.service,
  trace_id: event.traceId,
  user_id: event.userId,
  action: event.action,
  message: event.message.slice(0, textMax),
  status: event.status,
  reason: event.reason === null ? null : event.reason.slice(0, textMax),
  name_hash: event.nameHash,
  address: event.address,
});

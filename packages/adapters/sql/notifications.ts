/** `t_notification`: what accounts were told. A key that is there is left as it is. And what of it they want mailed. */
import type { Kysely, Selectable } from "kysely";
import {
  codeOf,
  type NotificationFacts,
  notificationKinds,
  type NotificationPreferences,
  wordOf,
} from "@chepiao/contracts";
import { epochMs, type UserId } from "@chepiao/kernel";
import type { NewNotification, NotificationRecord, NotificationStore } from "@chepiao/ports/notification-store";
import { userSlotOf } from "@chepiao/ports/user-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";
import { unlessThere } from "./unlessThere.ts";

/** Rows of one statement. */
const rowsAtOnce = 500;

export function createSqlNotificationStore(
  db: Kysely<Tables>,
  everywhere: Everywhere = (query) => query(db),
): NotificationStore {
  const own = (userId: UserId) => ({ slot: userSlotOf(userId), user_id: userId });

  return {
    async add(notifications) {
      for (let start = 0; start < notifications.length; start += rowsAtOnce) {
        const rows = notifications.slice(start, start + rowsAtOnce).map(rowOf);
        // They are of accounts on several servers.
        await everywhere((all) => unlessThere(all, all.insertInto("t_notification").values(rows)).execute());
      }
    },
    async ofUser(userId, { before, limit }) {
      if (limit === 0) return [];
      let query = db
        .selectFrom("t_notification")
        .selectAll()
        .where((the) => the.and(own(userId)));
      if (before !== undefined)
        query = query.where((the) =>
          the.or([
            the("event_time", "<", before.at),
            the.and([the("event_time", "=", before.at), the("notification_id", "<", before.notificationId)]),
          ]),
        );
      const rows = await query.orderBy("event_time", "desc").orderBy("notification_id", "desc").limit(limit).execute();
      return rows.map(recordOf);
    },
    async unread(userId, max) {
      const rows = await db
        .selectFrom("t_notification")
        .select("notification_id")
        .where((the) => the.and(own(userId)))
        .where("read_time", "is", null)
        .limit(max)
        .execute();
      return rows.length;
    },
    async markRead(userId, notificationIds, now) {
      if (notificationIds.length === 0) return;
      const update = db
        .updateTable("t_notification")
        .set({ read_time: now })
        .where((the) => the.and(own(userId)))
        .where("notification_id", "in", [...notificationIds])
        .where("read_time", "is", null);
      await againIfUndone(() => update.execute());
    },
    async markReadUpTo(userId, { at, notificationId }, now) {
      const update = db
        .updateTable("t_notification")
        .set({ read_time: now })
        .where((the) => the.and(own(userId)))
        .where((the) =>
          the.or([
            the("event_time", "<", at),
            the.and([the("event_time", "=", at), the("notification_id", "<=", notificationId)]),
          ]),
        )
        .where("read_time", "is", null);
      await againIfUndone(() => update.execute());
    },
    async preferences(userId) {
      const row = await db
        .selectFrom("t_notification_preference")
        .select("preferences")
        .where((the) => the.and(own(userId)))
        .executeTakeFirst();
      return row ? (JSON.parse(row.preferences) as NotificationPreferences) : null;
    },
    async setPreferences(userId, preferences, now) {
      const values = { preferences: JSON.stringify(preferences), update_time: now };
      const update = db
        .updateTable("t_notification_preference")
        .set(values)
        .where((the) => the.and(own(userId)));
      const insert = db.insertInto("t_notification_preference").values({ ...own(userId), ...values });
      if (await inserted(againIfUndone(() => insert.execute()))) return;
      await againIfUndone(() => update.execute());
    },
    async erase(userId) {
      for (const table of ["t_notification", "t_notification_preference"] as const)
        await againIfUndone(() =>
          db
            .deleteFrom(table)
            .where((the) => the.and(own(userId)))
            .execute(),
        );
    },
    // MySQL deletes with a limit, SQLite does not: the keys are read first.
    forget: (before, limit) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_notification")
          .select(["notification_id", "user_id"])
          .where("event_time", "<", before)
          .limit(limit)
          .execute();
        if (rows.length === 0) return 0;
        const userIds = [...new Set(rows.map((row) => Number(row.user_id) as UserId))];
        const { numDeletedRows } = await all
          .deleteFrom("t_notification")
          .where("slot", "in", [...new Set(userIds.map(userSlotOf))])
          .where("user_id", "in", userIds)
          .where(
            "notification_id",
            "in",
            rows.map((row) => row.notification_id),
          )
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

type Row = Selectable<Tables["t_notification"]>;

const rowOf = ({ notificationId, userId, kind, facts, at }: NewNotification): Row => ({
  notification_id: notificationId,
  user_id: userId,
  slot: userSlotOf(userId),
  kind: codeOf(notificationKinds, kind),
  facts: JSON.stringify(facts),
  event_time: at,
  read_time: null,
});

const recordOf = (row: Row): NotificationRecord => ({
  notificationId: row.notification_id,
  userId: Number(row.user_id) as UserId,
  kind: wordOf(notificationKinds, Number(row.kind)),
  facts: JSON.parse(row.facts) as NotificationFacts,
  at: epochMs(Number(row.event_time)),
  readAt: row.read_time === null ? null : epochMs(Number(row.read_time)),
});

/** `t_delivery`: notifications on their way to people. A key that is there is left as it is. */
import { randomUUID } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import { codeOf, messageChannels, type NotificationFacts, notificationKinds, wordOf } from "@chepiao/contracts";
import { epochMs, type UserId } from "@chepiao/kernel";
import {
  type Deliveries,
  type Delivery,
  type DeliveryKey,
  deliveryStates,
  type NewDelivery,
} from "@chepiao/ports/deliveries";
import { userSlotOf } from "@chepiao/ports/user-store";
import { againIfUndone } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";
import { unlessThere } from "./unlessThere.ts";

/** Rows of one statement. */
const rowsAtOnce = 500;
const errorLengthMax = 255;
const queued = codeOf(deliveryStates, "queued");

export function createSqlDeliveries(db: Kysely<Tables>, everywhere: Everywhere = (query) => query(db)): Deliveries {
  return {
    async add(deliveries) {
      for (let start = 0; start < deliveries.length; start += rowsAtOnce) {
        const rows = deliveries.slice(start, start + rowsAtOnce).map(rowOf);
        // They are of accounts on several servers.
        await everywhere((all) => unlessThere(all, all.insertInto("t_delivery").values(rows)).execute());
      }
    },
    /** What another process takes in between is due no more, and so is not taken a second time: the rows with this claim are ours alone. */
    claim: ({ now, until, limit }) =>
      everywhere(async (all) => {
        const due = await all
          .selectFrom("t_delivery")
          .select(["user_id", "notification_id"])
          .where("state", "=", queued)
          .where("due_time", "<=", now)
          .orderBy("due_time")
          .limit(limit)
          .execute();
        if (due.length === 0) return [];
        const claim = randomUUID();
        await all
          .updateTable("t_delivery")
          .set((the) => ({ claim, due_time: until, tries: the("tries", "+", 1) }))
          .where((the) => the.and(keysOf(due).map(([column, values]) => the(column, "in", values))))
          .where("state", "=", queued)
          .where("due_time", "<=", now)
          .execute();
        const rows = await all
          .selectFrom("t_delivery")
          .selectAll()
          .where((the) => the.and(keysOf(due).map(([column, values]) => the(column, "in", values))))
          .where("claim", "=", claim)
          .orderBy("event_time")
          .execute();
        return rows.map(recordOf);
      }),
    async settle({ userId, notificationId, channel }, tries, outcome) {
      let update = db
        .updateTable("t_delivery")
        .set({
          state: codeOf(deliveryStates, outcome.state),
          last_error: outcome.lastError?.slice(0, errorLengthMax) ?? null,
          due_time: outcome.state === "queued" ? outcome.dueAt : outcome.at,
        })
        .where((the) => the.and(own(userId)))
        .where("notification_id", "=", notificationId)
        .where("channel", "=", codeOf(messageChannels, channel))
        .where("state", "=", queued);
      if (outcome.state !== "sent") update = update.where("tries", "=", tries);
      await againIfUndone(() => update.execute());
    },
    async find({ userId, kind, state, limit }) {
      const searched = (all: Kysely<Tables>) => {
        let query = all.selectFrom("t_delivery").selectAll();
        if (userId !== undefined) query = query.where((the) => the.and(own(userId)));
        if (state !== undefined) query = query.where("state", "=", codeOf(deliveryStates, state));
        if (kind !== undefined) query = query.where("kind", "=", codeOf(notificationKinds, kind));
        return query.orderBy("event_time", "desc").orderBy("notification_id", "desc").limit(limit).execute();
      };
      const rows = userId === undefined ? await everywhere(searched) : await searched(db);
      return rows.map(recordOf);
    },
    waiting: (max) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_delivery")
          .select(["event_time", "due_time", "tries"])
          .where("state", "=", queued)
          .orderBy("due_time")
          .limit(max)
          .execute();
        return rows.map((row) => ({
          at: epochMs(Number(row.event_time)),
          dueAt: epochMs(Number(row.due_time)),
          tries: Number(row.tries),
        }));
      }),
    async queueAgain({ userId, notificationId, channel, tries }, now) {
      const update = db
        .updateTable("t_delivery")
        .set({ state: queued, due_time: now })
        .where((the) => the.and(own(userId)))
        .where("notification_id", "=", notificationId)
        .where("channel", "=", codeOf(messageChannels, channel))
        .where("state", "!=", queued)
        .where("tries", "=", tries);
      const { numUpdatedRows } = await againIfUndone(() => update.executeTakeFirstOrThrow());
      return numUpdatedRows > 0n;
    },
    backlog: (max) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_delivery")
          .select("due_time")
          .where("state", "=", queued)
          .orderBy("due_time")
          .limit(max)
          .execute();
        return { queued: rows.length, dueSince: rows[0] ? epochMs(Number(rows[0].due_time)) : null };
      }),
    async erase(userId) {
      const all = db.deleteFrom("t_delivery").where((the) => the.and(own(userId)));
      await againIfUndone(() => all.execute());
    },
    // MySQL deletes with a limit, SQLite does not: the keys are read first.
    forget: (before, limit) =>
      everywhere(async (all) => {
        const old = await all
          .selectFrom("t_delivery")
          .select(["user_id", "notification_id"])
          .where("event_time", "<", before)
          .limit(limit)
          .execute();
        if (old.length === 0) return 0;
        const { numDeletedRows } = await all
          .deleteFrom("t_delivery")
          .where((the) => the.and(keysOf(old).map(([column, values]) => the(column, "in", values))))
          .where("event_time", "<", before)
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

type Row = Selectable<Tables["t_delivery"]>;
type Key = Pick<Row, "user_id" | "notification_id">;

const own = (userId: UserId) => ({ slot: userSlotOf(userId), user_id: userId });

/** Where these lie. An event concerns one account, or names the order in its id: hardly a pair is of two. */
function keysOf(keys: readonly Key[]) {
  const userIds = [...new Set(keys.map((key) => Number(key.user_id) as UserId))];
  return [
    ["slot", [...new Set(userIds.map(userSlotOf))]],
    ["user_id", userIds],
    ["notification_id", [...new Set(keys.map((key) => key.notification_id))]],
  ] as const satisfies readonly (readonly [keyof Row, readonly (number | string)[]])[];
}

const rowOf = ({ userId, notificationId, channel, kind, facts, at }: NewDelivery): Row => ({
  user_id: userId,
  notification_id: notificationId,
  channel: codeOf(messageChannels, channel),
  slot: userSlotOf(userId),
  kind: codeOf(notificationKinds, kind),
  facts: JSON.stringify(facts),
  event_time: at,
  state: queued,
  tries: 0,
  due_time: at,
  last_error: null,
  claim: null,
});

const keyOf = (row: Row): DeliveryKey => ({
  userId: Number(row.user_id) as UserId,
  notificationId: row.notification_id,
  channel: wordOf(messageChannels, Number(row.channel)),
});

const recordOf = (row: Row): Delivery => ({
  ...keyOf(row),
  kind: wordOf(notificationKinds, Number(row.kind)),
  facts: JSON.parse(row.facts) as NotificationFacts,
  at: epochMs(Number(row.event_time)),
  state: wordOf(deliveryStates, Number(row.state)),
  tries: Number(row.tries),
  dueAt: epochMs(Number(row.due_time)),
  lastError: row.last_error,
});

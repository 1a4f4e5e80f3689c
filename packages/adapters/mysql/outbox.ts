/**
 * The outbox where several relays carry messages: each takes what no other has, keeps it for a while, and loses it when it does not
 * say in time what became of it. A message that is carried twice is harmless (I7), one that nobody carries is not.
 *
 * Databases count their messages by themselves, so a message is named by its number and its slot together.
 */
import { CompiledQuery, type Kysely } from "kysely";
import { failingMessage, messageRecord, waiting } from "@chepiao/adapters/sql";
import { assert, backoffMs, epochMs, secondMs, slotCount } from "@chepiao/kernel";
import type { Outbox, WaitingMessage } from "@chepiao/ports/outbox";
import { inLockingOrder, padded } from "./batches.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

/**
 * A relay that died holds its messages up for no longer. One that lives has given its batch up before: an append to the log says no
 * after five seconds. Should it be slower all the same, another one sends them, too.
 */
const keptForMs = 6 * secondMs;

/** @param relay a name that no other relay has */
export function createMysqlOutbox(db: Kysely<MysqlTables>, relay: string): Outbox {
  // Messages of one batch lie in several databases.
  const inTransaction = transactionsOn(db);

  return {
    pending: (now, limit) =>
      inTransaction(async (trx) => {
        const rows = await trx
          .selectFrom("t_local_message")
          .select(["id", "slot", "topic", "message_key", "content", "retry_count", "relay"])
          .where("status", "=", waiting)
          .where("next_retry_time", "<=", now)
          .where((the) => the.or([the("relay", "is", null), the("relay", "=", relay), the("relayed_until", "<=", now)]))
          .orderBy("next_retry_time")
          .orderBy("id")
          .limit(limit)
          .forUpdate()
          .skipLocked()
          .execute();
        const set = "relay = ?, relayed_until = ?";
        await mark(trx, `update t_local_message set ${set}`, [relay, now + keptForMs], rows.map(nameOf));
        return rows.map((row): WaitingMessage => ({
          messageId: nameOf(row),
          attempts: row.retry_count,
          record: messageRecord(row),
        }));
      }),
    // A message that is in the log has done its work; keeping it would only make the table grow.
    sent: (messageIds) => inTransaction((trx) => mark(trx, "delete from t_local_message", [], messageIds)),
    failed: (messageIds, now) =>
      inTransaction(async (trx) => {
        for (const [attempts, those] of await byAttempts(trx, messageIds)) {
          const set = "retry_count = ?, next_retry_time = ?, relay = null, relayed_until = null";
          await mark(trx, `update t_local_message set ${set}`, [attempts + 1, now + backoffMs(attempts)], those);
        }
      }),
    failing: (limit) =>
      inTransaction(async (trx) => {
        const rows = await trx
          .selectFrom("t_local_message")
          .select(["id", "slot", "topic", "message_key", "content", "retry_count", "create_time", "next_retry_time"])
          .where("status", "=", waiting)
          .where("retry_count", ">", 0)
          .orderBy("create_time")
          .orderBy("id")
          .limit(limit)
          .execute();
        return rows.map((row) => failingMessage(row, nameOf(row)));
      }),
    hurry: (messageIds, now) =>
      inTransaction((trx) => mark(trx, "update t_local_message set next_retry_time = ?", [now], messageIds)),
    async backlog() {
      const row = await inTransaction((trx) =>
        trx
          .selectFrom("t_local_message")
          .select((the) => [the.fn.countAll().as("count"), the.fn.min("create_time").as("oldest")])
          .where("status", "=", waiting)
          .executeTakeFirstOrThrow(),
      );
      return { count: Number(row.count), oldestAt: row.oldest === null ? null : epochMs(Number(row.oldest)) };
    },
  };
}

const nameOf = ({ id, slot }: { readonly id: number; readonly slot: number }): number => {
  const name = id * slotCount + slot;
  assert(Number.isSafeInteger(name), "messages are counted below 2^42");
  return name;
};

/** Each message by both parts of its name: a list of slots and a list of numbers would meet other messages, too. */
function named(ids: readonly number[]) {
  const messageIds = padded(inLockingOrder(ids, (name) => name % slotCount));
  return {
    clause: messageIds.map(() => "(slot = ? and id = ?)").join(" or "),
    values: messageIds.flatMap((name) => [name % slotCount, Math.floor(name / slotCount)]),
  };
}

async function mark(
  db: Kysely<MysqlTables>,
  statement: string,
  values: readonly unknown[],
  messageIds: readonly number[],
) {
  if (messageIds.length === 0) return;
  const those = named(messageIds);
  await db.executeQuery(CompiledQuery.raw(`${statement} where ${those.clause}`, [...values, ...those.values]));
}

async function byAttempts(db: Kysely<MysqlTables>, messageIds: readonly number[]): Promise<Map<number, number[]>> {
  if (messageIds.length === 0) return new Map();
  const those = named(messageIds);
  const query = `select id, slot, retry_count from t_local_message where ${those.clause} for update`;
  const { rows } = await db.executeQuery<{ id: number; slot: number; retry_count: number }>(
    CompiledQuery.raw(query, those.values),
  );
  const groups = Map.groupBy(rows, (row) => row.retry_count);
  return new Map([...groups].map(([attempts, group]) => [attempts, group.map(nameOf)]));
}

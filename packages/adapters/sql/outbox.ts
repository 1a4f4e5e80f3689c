/** `t_local_message`: messages committed together with the change they speak of. */
import type { Kysely } from "kysely";
import type { LogRecord } from "@chepiao/contracts";
import { backoffMs, type EpochMs, epochMs, type Slot } from "@chepiao/kernel";
import type { FailingMessage, Outbox } from "@chepiao/ports/outbox";
import { slotOfText } from "./slots.ts";
import type { Tables } from "./tables.ts";

export const waiting = 0;

/**
 * To be called inside the transaction of the change.
 * @param slot of the change, so that both are committed by one server; a word about nothing else lies where its key says
 */
export async function insertMessages(
  trx: Kysely<Tables>,
  records: readonly LogRecord[],
  now: EpochMs,
  slot?: Slot,
): Promise<void> {
  if (records.length === 0) return;
  await trx
    .insertInto("t_local_message")
    .values(messageRows(records, now, slot))
    .execute();
}

export const messageRows = (records: readonly LogRecord[], now: EpochMs, slot?: Slot) =>
  records.map((record) => ({
    slot: slot ?? slotOfText(record.key),
    topic: record.topic,
    message_key: record.key,
    content: JSON.stringify(record.value),
    status: waiting,
    retry_count: 0,
    next_retry_time: now,
    create_time: now,
  }));

type MessageRow = { readonly topic: string; readonly message_key: string; readonly content: string };
export const messageRecord = ({ topic, message_key, content }: MessageRow): LogRecord =>
  ({ topic, key: message_key, value: JSON.parse(content) }) as LogRecord;

type FailingRow = MessageRow & {
  readonly retry_count: number;
  readonly create_time: number;
  readonly next_retry_time: number;
};
export const failingMessage = (row: FailingRow, messageId: number): FailingMessage => ({
  messageId,
  attempts: row.retry_count,
  record: messageRecord(row),
  createdAt: epochMs(row.create_time),
  nextAt: epochMs(row.next_retry_time),
});

export const createSqlOutbox = (db: Kysely<Tables>): Outbox => ({
  async pending(now, limit) {
    const rows = await db
      .selectFrom("t_local_message")
      .select(["id", "topic", "message_key", "content", "retry_count"])
      .where("status", "=", waiting)
      .where("next_retry_time", "<=", now)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      messageId: row.id,
      attempts: row.retry_count,
      record: messageRecord(row),
    }));
  },
  // A message that is in the log has done its work; keeping it would only make the table grow.
  async sent(messageIds) {
    if (messageIds.length === 0) return;
    await db.deleteFrom("t_local_message").where("id", "in", messageIds).execute();
  },
  async failed(messageIds, now) {
    for (const id of messageIds) {
      const row = await db.selectFrom("t_local_message").select("retry_count").where("id", "=", id).executeTakeFirst();
      if (!row) continue;
      await db
        .updateTable("t_local_message")
        .set({ retry_count: row.retry_count + 1, next_retry_time: now + backoffMs(row.retry_count) })
        .where("id", "=", id)
        .execute();
    }
  },
  async failing(limit) {
    const rows = await db
      .selectFrom("t_local_message")
      .select(["id", "topic", "message_key", "content", "retry_count", "create_time", "next_retry_time"])
      .where("status", "=", waiting)
      .where("retry_count", ">", 0)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map((row) => failingMessage(row, row.id));
  },
  async hurry(messageIds, now) {
    if (messageIds.length === 0) return;
    await db.updateTable("t_local_message").set({ next_retry_time: now }).where("id", "in", messageIds).execute();
  },
  async backlog() {
    const row = await db
      .selectFrom("t_local_message")
      .select((eb) => [eb.fn.countAll<number>().as("count"), eb.fn.min("create_time").as("oldest")])
      .where("status", "=", waiting)
      .executeTakeFirstOrThrow();
    return { count: Number(row.count), oldestAt: row.oldest === null ? null : epochMs(Number(row.oldest)) };
  },
});

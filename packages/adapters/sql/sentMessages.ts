/** `t_sandbox_message`: messages of a platform that is practised with. */
import type { Kysely } from "kysely";
import { epochMs } from "@chepiao/kernel";
import type { SentMessages } from "@chepiao/ports/messenger";
import { slotOfHash } from "@chepiao/ports/user-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

export function createSqlSentMessages(db: Kysely<Tables>, everywhere: Everywhere = (query) => query(db)): SentMessages {
  return {
    async add({ messageId, recipientHash, contentSealed, createdAt }) {
      const row = {
        message_id: messageId,
        slot: slotOfHash(recipientHash),
        recipient_hash: recipientHash,
        content_sealed: contentSealed,
        create_time: createdAt,
      };
      await inserted(againIfUndone(() => db.insertInto("t_sandbox_message").values(row).execute()));
    },
    async of(recipientHash, limit) {
      const rows = await db
        .selectFrom("t_sandbox_message")
        .select(["message_id", "recipient_hash", "content_sealed", "create_time"])
        .where("slot", "=", slotOfHash(recipientHash))
        .where("recipient_hash", "=", recipientHash)
        .orderBy("create_time", "desc")
        .orderBy("message_id", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        messageId: row.message_id,
        recipientHash: row.recipient_hash,
        contentSealed: row.content_sealed,
        createdAt: epochMs(Number(row.create_time)),
      }));
    },
    // MySQL deletes with a limit, SQLite does not: the ids are read first.
    purge: (before, limit) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_sandbox_message")
          .select(["message_id", "slot"])
          .where("create_time", "<", before)
          .limit(limit)
          .execute();
        if (rows.length === 0) return 0;
        const { numDeletedRows } = await all
          .deleteFrom("t_sandbox_message")
          .where("slot", "in", [...new Set(rows.map(({ slot }) => Number(slot)))])
          .where(
            "message_id",
            "in",
            rows.map((row) => row.message_id),
          )
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

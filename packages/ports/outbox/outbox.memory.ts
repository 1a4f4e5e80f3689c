/** A list. Memory stores put their messages here in the same step as their change. */
import type { LogRecord } from "@chepiao/contracts";
import { backoffMs, type EpochMs, epochMs } from "@chepiao/kernel";
import type { Outbox } from "./outbox.ts";

export type MemoryOutbox = Outbox & { put(records: readonly LogRecord[], now: EpochMs): void };

export function createMemoryOutbox(): MemoryOutbox {
  type Entry = { messageId: number; attempts: number; record: LogRecord; createdAt: EpochMs; dueAt: EpochMs };
  let entries: Entry[] = [];
  let lastId = 0;
  return {
    put(records, now) {
      for (const record of records) {
        entries.push({ messageId: ++lastId, attempts: 0, record, createdAt: now, dueAt: now });
      }
    },
    pending: async (now, limit) => entries.filter((entry) => entry.dueAt <= now).slice(0, limit),
    async sent(messageIds) {
      const gone = new Set(messageIds);
      entries = entries.filter((entry) => !gone.has(entry.messageId));
    },
    async failed(messageIds, now) {
      for (const entry of entries) {
        if (!messageIds.includes(entry.messageId)) continue;
        entry.dueAt = epochMs(now + backoffMs(entry.attempts++));
      }
    },
    failing: async (limit) =>
      entries
        .filter(({ attempts }) => attempts > 0)
        .slice(0, limit)
        .map(({ dueAt, ...message }) => ({ ...message, nextAt: dueAt })),
    async hurry(messageIds, now) {
      for (const entry of entries) if (messageIds.includes(entry.messageId)) entry.dueAt = now;
    },
    backlog: async () => ({ count: entries.length, oldestAt: entries[0]?.createdAt ?? null }),
  };
}

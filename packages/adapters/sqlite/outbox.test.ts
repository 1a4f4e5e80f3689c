import { createSqlOutbox, insertMessages } from "@chepiao/adapters/sql";
import { outboxSuite } from "@chepiao/ports/outbox/outbox.suite.ts";
import { openSqlite } from "./database.ts";

outboxSuite("sqlite", async () => {
  const { sql } = await openSqlite(":memory:");
  return { outbox: createSqlOutbox(sql), put: (records, now) => insertMessages(sql, records, now) };
});

import { createSqlOutbox, createSqlWaitlistStore } from "@chepiao/adapters/sql";
import { waitlistStoreSuite } from "@chepiao/ports/waitlist-store/waitlistStore.suite.ts";
import { openSqlite } from "./index.ts";

waitlistStoreSuite("sqlite", async () => {
  const database = await openSqlite(":memory:");
  return {
    store: createSqlWaitlistStore(database.sql),
    outbox: createSqlOutbox(database.sql),
    close: async () => database[Symbol.asyncDispose](),
  };
});

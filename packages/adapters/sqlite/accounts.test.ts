/** What defends accounts, on SQLite. */
import { createSqlOneTimeCodes, createSqlSecurityEvents, createSqlSentMessages } from "@chepiao/adapters/sql";
import { oneTimeCodesSuite } from "@chepiao/ports/one-time-codes/one-time-codes.suite.ts";
import { sentMessagesSuite } from "@chepiao/ports/messenger/sent-messages.suite.ts";
import { securityEventsSuite } from "@chepiao/ports/security-events/security-events.suite.ts";
import { securityEventsIn } from "@chepiao/adapters/sql/securityEvents.suite.ts";
import { openSqlite } from "./index.ts";

const open = async () => (await openSqlite(":memory:")).sql;

oneTimeCodesSuite("sqlite", async () => createSqlOneTimeCodes(await open()));
sentMessagesSuite("sqlite", async () => createSqlSentMessages(await open()));
securityEventsSuite("sqlite", async () => {
  const sql = await open();
  return { events: createSqlSecurityEvents(sql), all: () => securityEventsIn(sql) };
});

/** Sessions on SQLite: the rules of every store, and how many of them wait for the disk together. */
import { expect, spyOn, test } from "bun:test";
import { epochMs, type UserId } from "@chepiao/kernel";
import { type SessionRecord, slotPrefix } from "@chepiao/ports/session-store";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { userSlotOf } from "@chepiao/ports/user-store";
import { createStores, openSqlite } from "./index.ts";

sessionStoreSuite("sqlite", async () => createStores(await openSqlite(":memory:")).sessions);

test("sessions that are used again in one breath wait for the disk together, and each is told of itself", async () => {
  const database = await openSqlite(":memory:");
  const store = createStores(database).sessions;
  const idOf = (n: number) => `${slotPrefix(userSlotOf((n + 1) as UserId))}${String(n).padStart(60, "0")}`;
  const sessions = Array.from({ length: 60 }, (_, n): SessionRecord => ({
    sessionId: idOf(n),
    userId: (n + 1) as UserId,
    createdAt: epochMs(1_000),
    lastSeenAt: epochMs(1_000),
    expiresAt: epochMs(9_000),
    userAgent: "",
  }));
  for (const session of sessions) await store.create(session);
  await store.end(sessions[7]!.userId, idOf(7));
  const commits = spyOn(database.sql, "transaction");
  const slid = await Promise.all(
    sessions.map(({ sessionId }) => store.slide(sessionId, epochMs(2_000), epochMs(10_000), epochMs(0))),
  );
  expect(commits).toHaveBeenCalledTimes(1);
  expect(slid.flatMap((isThere, n) => (isThere ? [] : [n]))).toEqual([7]);
  expect(await store.find(idOf(8))).toMatchObject({ lastSeenAt: 2_000, expiresAt: 10_000 });
});

/** Accounts on SQLite: the rules of the port, what an erasure leaves that dies, and databases from before. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqlUserStore } from "@chepiao/adapters/sql";
import { epochMs, minuteMs } from "@chepiao/kernel";
import { sql } from "kysely";
import { userSlotOf } from "@chepiao/ports/user-store";
import { registration, userStoreSuite } from "@chepiao/ports/user-store/user-store.suite.ts";
import { asBefore } from "./older.suite.ts";
import { openSqlite } from "./index.ts";

userStoreSuite("sqlite", async () => createSqlUserStore((await openSqlite(":memory:")).sql));

const folder = mkdtempSync(join(tmpdir(), "chepiao-users-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what an erasure has left that died half-way is taken over by the next who wants it", async () => {
  const store = createSqlUserStore((await openSqlite(":memory:")).sql);
  const one = registration(1);
  await store.register(one);
  // It died after the account, before its values.
  const none = { usernameHash: "00", contactHash: "00", documentHash: "00" };
  expect(await store.erase(one.user.userId, none, one.user.createdAt)).toBe(true);
  expect(await store.byLogin("contact", one.contactHash)).toBeNull();
  const next = registration(2, { username: "user1", phone: "phone1", document: "document1" });
  const later = { ...next, user: { ...next.user, createdAt: epochMs(one.user.createdAt + 10 * minuteMs) } };
  expect(await store.register(later)).toBe("registered");
  expect((await store.byLogin("contact", one.contactHash))?.userId).toBe(next.user.userId);
});

test("a database from before accounts could be disabled for a reason is brought up to date with all its people", async () => {
  const path = join(folder, "old.db");
  const one = registration(1);
  {
    await using database = await openSqlite(path);
    await createSqlUserStore(database.sql).register(one);
    await asBefore(database, "0011-account-security");
  }
  await using database = await openSqlite(path);
  const store = createSqlUserStore(database.sql);
  expect(await store.byId(one.user.userId)).toEqual(one.user);
  expect(await store.change(one.user.userId, { status: "disabled", statusReason: "test" }, one.user.createdAt)).toBe(
    true,
  );
  expect(await store.byId(one.user.userId)).toMatchObject({ status: "disabled", statusReason: "test" });
});

test("in a database from before phones were proved, none is, and its people prove them", async () => {
  const path = join(folder, "unproved.db");
  const one = registration(2);
  {
    await using database = await openSqlite(path);
    await createSqlUserStore(database.sql).register(one);
    await asBefore(database, "0016-sealed-email");
    await sql`update t_user set email = 'a@example.com'`.execute(database.sql);
  }
  await using database = await openSqlite(path);
  const store = createSqlUserStore(database.sql);
  const { userId } = one.user;
  expect(await store.byId(userId)).toEqual({ ...one.user, emailSealed: null, emailMasked: null });
  expect(await store.clearEmails(userSlotOf(userId), 10)).toEqual([{ userId, email: "a@example.com" }]);
  const { emailSealed, emailMasked } = one.user;
  expect(await store.sealEmail({ userId, email: "b@example.com" }, { emailSealed, emailMasked })).toBe(false);
  expect(await store.sealEmail({ userId, email: "a@example.com" }, { emailSealed, emailMasked })).toBe(true);
  expect(await store.clearEmails(userSlotOf(userId), 10)).toEqual([]);
  expect(await store.proveContact(userId, one.contactHash, one.user.createdAt)).toBe(true);
  expect(await store.byId(userId)).toEqual({ ...one.user, contactProvedAt: one.user.createdAt });
});

/** The room of people on a real database file, with real keys. */
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVault, generateKeys } from "@chepiao/adapters/crypto";
import { createSqlOneTimeCodes, createSqlSessionStore, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { demoResidentId } from "@chepiao/services/user";
import { placeOf, SealBroken } from "@chepiao/ports/vault";
import { minuteMs, serviceDate, type UserId } from "@chepiao/kernel";
import { beginAll } from "@chepiao/room";
import { identitySuite } from "@chepiao/services/user/identity.suite.ts";
import { lapseSuite } from "@chepiao/services/user/lapse.suite.ts";
import { contactChangeSuite } from "@chepiao/services/user/contactChange.suite.ts";
import { mailAccountsSuite } from "@chepiao/services/user/mailAccounts.suite.ts";
import { ownershipSuite } from "@chepiao/services/user/ownership.suite.ts";
import { createProcess, registration, userSuite } from "@chepiao/services/user/user.suite.ts";

const storesIn = async (path: string) => {
  const database = await openSqlite(path);
  const { sql } = database;
  return {
    database,
    users: createSqlUserStore(sql),
    sessions: createSqlSessionStore(sql),
    codes: createSqlOneTimeCodes(sql),
  };
};

userSuite("sqlite", () => storesIn(":memory:"));
identitySuite("sqlite", () => storesIn(":memory:"));
lapseSuite("sqlite", () => storesIn(":memory:"));
ownershipSuite("sqlite", () => storesIn(":memory:"));
mailAccountsSuite("sqlite", () => storesIn(":memory:"));
contactChangeSuite("sqlite", () => storesIn(":memory:"));

const folder = await mkdtemp(join(tmpdir(), "chepiao-user-"));
afterAll(() => rm(folder, { recursive: true }));

test("a session outlives the process that opened it, and its passengers with it", async () => {
  const path = join(folder, "restart.sqlite");
  const vault = createVault(generateKeys());
  const before = await storesIn(path);
  const one = createProcess(before, { vault });
  const { token, session } = await one.enter(1);
  await before.database[Symbol.asyncDispose]();

  const stores = await storesIn(path);
  await using _ = stores.database;
  const other = createProcess(stores, { vault }, 2);
  await other.clock.advance(29 * minuteMs);
  expect(await other.room.client.authenticate(token)).toEqual(session);
  const [self] = await other.room.client.passengers(session.userId as UserId);
  const place = placeOf("t_passenger.document_sealed", self!.passengerId);
  expect(vault.open(self!.documentSealed, place)).toBe(demoResidentId(serviceDate("1990-05-17"), 1));
  await other.clock.advance(29 * minuteMs);
  expect(await other.room.client.authenticate(token)).toEqual(session);
});

test("whoever takes the database file finds no document, phone, mail address, password or token in it", async () => {
  const home = join(folder, "stolen");
  await Bun.write(join(home, "empty"), "");
  const stores = await storesIn(join(home, "chepiao.sqlite"));
  const { enter, call, bodyOf } = createProcess(stores, { vault: createVault(generateKeys()) });
  const { token } = await enter(1);
  bodyOf(await call("register", { body: registration(2, { email: "li.lei@mail.example" }) }));
  const files = await Promise.all((await readdir(home)).map((name) => Bun.file(join(home, name)).bytes()));
  const bytes = Buffer.concat(files).toString("latin1");
  expect(bytes).toContain("traveller1");
  const document = demoResidentId(serviceDate("1990-05-17"), 1);
  for (const secret of [
    document,
    document.slice(6, 14),
    "1990-05-17",
    "13900000001",
    "li.lei",
    "correct horse",
    token,
    token.slice(20),
  ]) {
    expect(bytes).not.toContain(secret);
  }
  await stores.database[Symbol.asyncDispose]();
});

test("mail addresses that versions before wrote in the clear are sealed by a job, and stay their accounts'", async () => {
  const { database, ...stores } = await storesIn(join(folder, "clear-mail.sqlite"));
  await using _ = database;
  const here = createProcess(stores, { vault: createVault(generateKeys()) });
  const { session } = await here.enter(1);
  await here.enter(2);
  await database.sql
    .updateTable("t_user")
    .set({ email: "li.lei@mail.example" })
    .where("user_id", "=", session.userId)
    .execute();
  const end = beginAll(here.room.work, {
    clock: here.clock,
    report: (message, error) => expect([message, error]).toBeNull(),
  });
  await here.clock.advance(minuteMs);
  await end();
  const [row, other] = await database.sql.selectFrom("t_user").selectAll().orderBy("user_id").execute();
  expect(row).toMatchObject({ email: null, email_masked: "l***@mail.example" });
  expect(row!.email_sealed).not.toContain("li.lei");
  expect(other).toMatchObject({ email: null, email_sealed: null, email_masked: null });
  expect(here.bodyOf(await here.call("me", { session }))).toMatchObject({ emailMasked: "l***@mail.example" });
  // It is opened where it is needed: a password must not have it in it.
  const body = { oldPassword: "correct horse", newPassword: "li-lei-and-more" };
  expect(await here.call("changePassword", { session, body })).toMatchObject({ error: { code: "PasswordTooWeak" } });
  expect(
    await stores.users.sealEmail(
      { userId: session.userId as UserId, email: "li.lei@mail.example" },
      { emailSealed: "x", emailMasked: "x" },
    ),
  ).toBe(false);
});

test("whoever writes to the database cannot give a passenger somebody else's document or phone", async () => {
  const { database, ...stores } = await storesIn(join(folder, "swapped.sqlite"));
  await using _ = database;
  const vault = createVault(generateKeys());
  const one = createProcess(stores, { vault });
  const [anna, boris] = [await one.enter(1), await one.enter(2)];
  const rows = await database.sql.selectFrom("t_passenger").selectAll().orderBy("passenger_id").execute();
  for (const [at, row] of rows.entries()) {
    await database.sql
      .updateTable("t_passenger")
      .set({ document_sealed: rows[1 - at]!.document_sealed })
      .where("passenger_id", "=", row.passenger_id)
      .execute();
  }
  const other = createProcess(stores, { vault }, 2);
  for (const { session } of [anna, boris])
    expect(Promise.resolve(other.room.client.passengers(session.userId as UserId))).rejects.toThrow(SealBroken);
});

/** The room of people on a real database file, with real keys. */
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVault, generateKeys } from "@chepiao/adapters/crypto";
import { createSqlSessionStore, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { demoResidentId } from "@chepiao/services/user";
import { minuteMs, serviceDate, type UserId } from "@chepiao/kernel";
import { createProcess, userSuite } from "@chepiao/services/user/user.suite.ts";

const storesIn = async (path: string) => {
  const database = await openSqlite(path);
  return { database, users: createSqlUserStore(database.sql), sessions: createSqlSessionStore(database.sql) };
};

userSuite("sqlite", () => storesIn(":memory:"));

const folder = await mkdtemp(join(tmpdir(), "chepiao-user-"));
afterAll(() => rm(folder, { recursive: true }));

test("a session outlives the process that opened it, and its passengers with it", async () => {
  const path = join(folder, "restart.sqlite");
  const vault = createVault(generateKeys());
  const before = await storesIn(path);
  const one = createProcess(before, { vault });
  const { token, session } = await one.enter(1);
  await one.room.stop();
  await before.database[Symbol.asyncDispose]();

  await using after = (await storesIn(path)).database;
  const stores = { users: createSqlUserStore(after.sql), sessions: createSqlSessionStore(after.sql) };
  const other = createProcess(stores, { vault }, 2);
  await other.clock.advance(29 * minuteMs);
  expect(await other.room.client.authenticate(token)).toEqual(session);
  const [self] = await other.room.client.passengers(session.userId as UserId);
  expect(vault.open(self!.documentSealed)).toBe(demoResidentId(serviceDate("1990-05-17"), 1));
  await other.clock.advance(29 * minuteMs);
  expect(await other.room.client.authenticate(token)).toEqual(session);
});

test("whoever takes the database file finds no document, phone, password or token in it", async () => {
  const home = join(folder, "stolen");
  await Bun.write(join(home, "empty"), "");
  const stores = await storesIn(join(home, "chepiao.sqlite"));
  const { enter } = createProcess(stores, { vault: createVault(generateKeys()) });
  const { token } = await enter(1);
  const files = await Promise.all((await readdir(home)).map((name) => Bun.file(join(home, name)).bytes()));
  const bytes = Buffer.concat(files).toString("latin1");
  expect(bytes).toContain("traveller1");
  const document = demoResidentId(serviceDate("1990-05-17"), 1);
  for (const secret of [
    document,
    document.slice(6, 14),
    "1990-05-17",
    "13900000001",
    "correct horse",
    token,
    token.slice(20),
  ]) {
    expect(bytes).not.toContain(secret);
  }
  await stores.database[Symbol.asyncDispose]();
});

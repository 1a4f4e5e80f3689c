/** An account that everybody knows is closed where people are real, and nobody else's with it. */
import { expect, test } from "bun:test";
import { onlyPolicy, policyDefault, withChanges } from "@chepiao/contracts";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemorySessionStore } from "@chepiao/ports/session-store";
import { createMemoryUserStore } from "@chepiao/ports/user-store";
import { serviceDate } from "@chepiao/kernel";
import { demoResidentId } from "./index.ts";
import { createProcess } from "./user.suite.ts";

const seed = {
  account: {
    username: "known",
    password: "known to all",
    realName: "张伟",
    documentType: "residentId" as const,
    documentNumber: demoResidentId(serviceDate("1990-03-07"), 1),
    phone: "13800000001",
  },
};
const open = () =>
  createProcess({
    users: createMemoryUserStore(),
    sessions: createMemorySessionStore(),
    codes: createMemoryOneTimeCodes(),
  });
const login = { username: "known", password: "known to all" };

test("one that was made before is disabled and its sessions end; the second time there is nothing to do", async () => {
  const { room, call, bodyOf } = open();
  await room.seedAccount(seed);
  const { token } = bodyOf(await call("login", { body: login })) as { token: string };
  expect(await room.retireAccount(seed)).toBe(true);
  expect(await room.client.authenticate(token)).toBeNull();
  expect(await call("login", { body: login })).toMatchObject({ ok: false, error: { code: "AccountDisabled" } });
  expect(await room.retireAccount(seed)).toBe(false);
});

test("where it was never made, nothing is", async () => {
  const { room, call } = open();
  expect(await room.retireAccount(seed)).toBe(false);
  expect(await call("login", { body: login })).toMatchObject({ ok: false, error: { code: "WrongCredentials" } });
});

test("somebody's own account of that name is left alone", async () => {
  const { room, call } = open();
  const own = { ...seed.account, password: "my own password" };
  expect(await call("register", { body: own })).toMatchObject({ ok: true });
  expect(await room.retireAccount(seed)).toBe(false);
  expect(await call("login", { body: { username: "known", password: own.password } })).toMatchObject({ ok: true });
});

test("one that was retired is open again once it is wanted again", async () => {
  const { room, call } = open();
  await room.seedAccount(seed);
  await room.retireAccount(seed);
  expect((await room.seedAccount(seed))!.created).toBe(false);
  expect(await call("login", { body: login })).toMatchObject({ ok: true });
});

test("one that an operator has disabled stays so", async () => {
  const { room, call } = open();
  await room.seedAccount(seed);
  await room.setStatus("known", "disabled", "scripted purchases");
  await room.seedAccount(seed);
  expect(await call("login", { body: login })).toMatchObject({ ok: false, error: { code: "AccountDisabled" } });
});

test("one that the railway's rules of today refuse is left out, and one that was there before stays", async () => {
  const stores = {
    users: createMemoryUserStore(),
    sessions: createMemorySessionStore(),
    codes: createMemoryOneTimeCodes(),
  };
  const strict = { policies: onlyPolicy(withChanges(policyDefault, { documents: { residentId: null } })) };
  expect(await createProcess(stores, strict).room.seedAccount(seed)).toBeNull();
  const made = await createProcess(stores).room.seedAccount(seed);
  expect(await createProcess(stores, strict).room.seedAccount(seed)).toEqual({ ...made!, created: false });
});

test("a passenger whom the railway's rules refuse is left out, and the others are there", async () => {
  const { room, call, bodyOf } = open();
  const passport = { documentType: "passport" as const, documentNumber: "C01X00T47" };
  const tooOld = { ...passport, name: "Mia Sommer", birthDate: "1990-03-07", ticketType: "child" as const };
  await room.seedAccount({ ...seed, passengers: [tooOld, { ...passport, name: "Anna Schmidt" }] });
  const { token } = bodyOf(await call("login", { body: login })) as { token: string };
  const { passengers } = bodyOf(await call("listPassengers", { session: await room.client.authenticate(token) })) as {
    passengers: { name: string }[];
  };
  expect(passengers.map(({ name }) => name)).toEqual([seed.account.realName, "Anna Schmidt"]);
});

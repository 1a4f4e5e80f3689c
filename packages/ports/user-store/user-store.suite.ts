/** The rules of a user store. */
import { expect, test } from "bun:test";
import { epochMs, type PassengerId, serviceDate, type UserId } from "@chepiao/kernel";
import type { PassengerRecord, Registration, UserRecord, UserStore } from "./user-store.ts";

const at = epochMs(1_800_000_000_000);
const hash = (text: string) => Buffer.from(text.padEnd(32, ".")).toString("hex");

const userRecord = (userId: number, document: string): UserRecord => ({
  userId: userId as UserId,
  username: `User${userId}`,
  passwordHash: "$argon2id$…",
  realName: "张三",
  documentType: "taiwanResidencePermit",
  documentSealed: `sealed ${document}`,
  documentHash: hash(document),
  documentMasked: "8300***********123",
  phoneSealed: "sealed phone",
  phoneMasked: "139****0000",
  email: userId % 2 === 0 ? "a@example.com" : null,
  role: "passenger",
  status: "active",
  createdAt: at,
});
const passengerRecord = (userId: number, passengerId: number, document: string): PassengerRecord => ({
  passengerId: passengerId as PassengerId,
  userId: userId as UserId,
  name: "李四",
  documentType: "residentId",
  documentSealed: `sealed ${document}`,
  documentHash: hash(document),
  documentMasked: "1101***********123",
  phoneSealed: passengerId % 2 === 0 ? "sealed phone" : null,
  phoneMasked: passengerId % 2 === 0 ? "139****0000" : null,
  ticketType: "student",
  birthDate: passengerId % 2 === 0 ? serviceDate("2004-02-29") : null,
  self: false,
  createdAt: at,
});
/** Also for the tests of whoever keeps accounts. */
export const registration = (
  userId: number,
  { username = `user${userId}`, phone = `phone${userId}`, document = `document${userId}` } = {},
): Registration => ({
  user: userRecord(userId, document),
  self: { ...passengerRecord(userId, userId * 1000, document), self: true },
  usernameHash: hash(username),
  phoneHash: hash(phone),
  accountsPerDocumentMax: 5,
});
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

export function userStoreSuite(adapter: string, create: () => Promise<UserStore> | UserStore): void {
  test(`${adapter}: an account comes back as it was written, by id, username and phone, with itself as passenger`, async () => {
    const store = await create();
    for (const one of [registration(1), registration(2)]) {
      expect(await store.register(one)).toBe("registered");
      expect(await store.byId(one.user.userId)).toEqual(one.user);
      expect(await store.byLogin("username", one.usernameHash)).toEqual(one.user);
      expect(await store.byLogin("phone", one.phoneHash)).toEqual(one.user);
      expect(await store.byLogin("phone", one.usernameHash)).toBeNull();
      expect(await store.passengers(one.user.userId)).toEqual([one.self]);
    }
    expect(await store.byId(3 as UserId)).toBeNull();
    expect(await store.passengers(3 as UserId)).toEqual([]);
  });

  test(`${adapter}: a refused registration leaves nothing behind`, async () => {
    const store = await create();
    await store.register(registration(1));
    expect(await store.register(registration(2, { username: "user1" }))).toBe("usernameTaken");
    expect(await store.register(registration(2, { phone: "phone1" }))).toBe("phoneTaken");
    expect(await store.byId(2 as UserId)).toBeNull();
    expect(await store.byLogin("username", hash("user2"))).toBeNull();
    expect(await store.byLogin("phone", hash("phone2"))).toBeNull();
    expect(await store.register(registration(2))).toBe("registered");
  });

  test(`${adapter}: of 20 who want one username at once, exactly one gets it`, async () => {
    const store = await create();
    const outcomes = await Promise.all(numbers(20).map((n) => store.register(registration(n, { username: "alice" }))));
    expect(outcomes.toSorted()).toEqual(["registered", ...numbers(19).map(() => "usernameTaken" as const)]);
  });

  test(`${adapter}: of 20 who want one phone at once, exactly one gets it`, async () => {
    const store = await create();
    const outcomes = await Promise.all(numbers(20).map((n) => store.register(registration(n, { phone: "one" }))));
    expect(outcomes.filter((outcome) => outcome === "registered")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "phoneTaken")).toHaveLength(19);
  });

  test(`${adapter}: of 10 accounts opened at once with one document, exactly 5 are`, async () => {
    const store = await create();
    const outcomes = await Promise.all(numbers(10).map((n) => store.register(registration(n, { document: "one" }))));
    expect(outcomes.filter((outcome) => outcome === "registered")).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === "documentFull")).toHaveLength(5);
    expect(await store.register(registration(11, { document: "one" }))).toBe("documentFull");
    expect(await store.register(registration(11, { document: "another" }))).toBe("registered");
  });

  test(`${adapter}: an account's role and status change alone, and only where there is one`, async () => {
    const store = await create();
    const one = registration(1);
    await store.register(one);
    expect(await store.change(1 as UserId, { role: "admin" }, at)).toBe(true);
    expect(await store.change(1 as UserId, { role: "admin" }, at)).toBe(true);
    expect(await store.byId(1 as UserId)).toEqual({ ...one.user, role: "admin" });
    expect(await store.change(1 as UserId, { status: "disabled" }, at)).toBe(true);
    expect(await store.byId(1 as UserId)).toEqual({ ...one.user, role: "admin", status: "disabled" });
    expect(await store.change(2 as UserId, { role: "admin" }, at)).toBe(false);
  });

  test(`${adapter}: passengers come back as they were saved, in order, each document once`, async () => {
    const store = await create();
    const one = registration(1);
    await store.register(one);
    const [a, b] = [passengerRecord(1, 11, "a"), passengerRecord(1, 12, "b")];
    expect(await store.addPassenger(a, 15)).toBe("added");
    expect(await store.addPassenger(b, 15)).toBe("added");
    expect(await store.addPassenger(passengerRecord(1, 13, "a"), 15)).toBe("exists");
    expect(await store.addPassenger(passengerRecord(1, 13, "document1"), 15)).toBe("exists");
    expect(await store.passengers(1 as UserId)).toEqual([one.self, a, b]);
    expect(await store.removePassenger(1 as UserId, a.passengerId)).toBe(true);
    expect(await store.removePassenger(1 as UserId, a.passengerId)).toBe(false);
    expect(await store.addPassenger(a, 15)).toBe("added");
    expect((await store.passengers(1 as UserId)).map((each) => each.passengerId)).toContain(a.passengerId);
  });

  test(`${adapter}: of 30 passengers added at once, as many are saved as there is room for`, async () => {
    const store = await create();
    await store.register(registration(1));
    const outcomes = await Promise.all(numbers(30).map((n) => store.addPassenger(passengerRecord(1, n, `d${n}`), 15)));
    expect(outcomes.filter((outcome) => outcome === "added")).toHaveLength(14);
    expect(outcomes.filter((outcome) => outcome === "full")).toHaveLength(16);
    expect(await store.passengers(1 as UserId)).toHaveLength(15);
    const [, second] = await store.passengers(1 as UserId);
    await store.removePassenger(1 as UserId, second!.passengerId);
    expect(await store.addPassenger(passengerRecord(1, 99, "late"), 15)).toBe("added");
  });

  test(`${adapter}: one passenger added ten times at once is saved once`, async () => {
    const store = await create();
    await store.register(registration(1));
    const outcomes = await Promise.all(numbers(10).map((n) => store.addPassenger(passengerRecord(1, n, "same"), 15)));
    expect(outcomes.filter((outcome) => outcome === "added")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "exists")).toHaveLength(9);
  });

  test(`${adapter}: a passenger is edited and removed by its own account only, and oneself never`, async () => {
    const store = await create();
    const one = registration(1);
    await store.register(one);
    await store.register(registration(2));
    const a = passengerRecord(1, 12, "a");
    await store.addPassenger(a, 15);
    const change = { name: "王五", phoneSealed: null, phoneMasked: null, ticketType: "adult" } as const;
    expect(await store.editPassenger(2 as UserId, a.passengerId, change)).toBeNull();
    expect(await store.removePassenger(2 as UserId, a.passengerId)).toBe(false);
    expect(await store.editPassenger(1 as UserId, a.passengerId, {})).toEqual(a);
    expect(await store.editPassenger(1 as UserId, a.passengerId, change)).toEqual({ ...a, ...change });
    expect(await store.removePassenger(1 as UserId, one.self.passengerId)).toBe(false);
    expect(await store.passengers(1 as UserId)).toEqual([one.self, { ...a, ...change }]);
  });
}

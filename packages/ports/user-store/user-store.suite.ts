/** The rules of a user store. */
import { expect, test } from "bun:test";
import { epochMs, type PassengerId, serviceDate, type UserId, userSlotCount } from "@chepiao/kernel";
import {
  type ContactChange,
  erased,
  type PassengerRecord,
  type Registration,
  type UserRecord,
  userSlotOf,
  type UserStore,
} from "./user-store.ts";

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
  contactProvedAt: epochMs(0),
  emailSealed: userId % 2 === 0 ? "sealed mail" : null,
  emailMasked: userId % 2 === 0 ? "a***@example.com" : null,
  role: "passenger",
  status: "active",
  statusReason: null,
  sessionsSince: epochMs(0),
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
  proof: passengerId % 2 === 0 ? "proved" : "unavailable",
  proofAskedAt: passengerId % 2 === 0 ? at : epochMs(0),
  createdAt: at,
});
/** Also for the tests of the stores that keep accounts. */
export const registration = (
  userId: number,
  { username = `user${userId}`, phone = `phone${userId}`, document = `document${userId}` } = {},
): Registration & { readonly contactHash: string } => ({
  user: userRecord(userId, document),
  self: { ...passengerRecord(userId, userId * 1000, document), self: true },
  usernameHash: hash(username),
  contactHash: hash(phone),
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
      expect(await store.byLogin("contact", one.contactHash)).toEqual(one.user);
      expect(await store.byLogin("contact", one.usernameHash)).toBeNull();
      expect(await store.passengers(one.user.userId)).toEqual([one.self]);
    }
    expect(await store.byId(3 as UserId)).toBeNull();
    expect(await store.passengers(3 as UserId)).toEqual([]);
  });

  test(`${adapter}: accounts that have not proved their document take none of its places, and one when they have`, async () => {
    const store = await create();
    const unproved = (userId: number) => ({ ...registration(userId, { document: "d" }), accountsPerDocumentMax: null });
    for (const n of numbers(7)) expect(await store.register(unproved(n))).toBe("registered");
    const take = (userId: number) => store.takeDocumentPlace(userId as UserId, hash("d"), 5, at);
    for (const n of [1, 2, 3, 1, 4]) expect(await take(n)).toBe(true);
    expect(await store.register(registration(8, { document: "d" }))).toBe("registered");
    expect(await store.register(registration(9, { document: "d" }))).toBe("documentFull");
    expect(await take(5)).toBe(false);
    expect(await take(4)).toBe(true);
    const hashes = { usernameHash: hash("user4"), contactHash: hash("phone4"), documentHash: hash("d") };
    await store.erase(4 as UserId, hashes, at);
    expect(await take(5)).toBe(true);
    expect(await take(6)).toBe(false);
  });

  test(`${adapter}: a refused registration leaves nothing behind`, async () => {
    const store = await create();
    await store.register(registration(1));
    expect(await store.register(registration(2, { username: "user1" }))).toBe("usernameTaken");
    expect(await store.byId(2 as UserId)).toBeNull();
    expect(await store.byLogin("username", hash("user2"))).toBeNull();
    expect(await store.byLogin("contact", hash("phone2"))).toBeNull();
    expect(await store.register(registration(2))).toBe("registered");
  });

  test(`${adapter}: of 20 who want one username at once, exactly one gets it`, async () => {
    const store = await create();
    const outcomes = await Promise.all(numbers(20).map((n) => store.register(registration(n, { username: "alice" }))));
    expect(outcomes.toSorted()).toEqual(["registered", ...numbers(19).map(() => "usernameTaken" as const)]);
  });

  test(`${adapter}: a phone that nobody has proved keeps nobody from registering, and is the first's who named it`, async () => {
    const store = await create();
    for (const n of [1, 2, 3]) expect(await store.register(registration(n, { phone: "one" }))).toBe("registered");
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe(1 as UserId);
    expect((await store.byId(2 as UserId))?.contactProvedAt).toBe(epochMs(0));
  });

  test(`${adapter}: an account that has no phone before it proves it takes none by being opened`, async () => {
    const store = await create();
    expect(await store.register({ ...registration(1, { phone: "one" }), contactHash: null })).toBe("registered");
    expect(await store.byLogin("contact", hash("one"))).toBeNull();
    expect(await store.proveContact(1 as UserId, hash("one"), at)).toBe(true);
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe(1 as UserId);
  });

  test(`${adapter}: accounts that have proved no phone are walked over by number, from before a day on`, async () => {
    const store = await create();
    const openedAt = (n: number, createdAt: number) => {
      const one = registration(n);
      return store.register({ ...one, user: { ...one.user, createdAt: epochMs(createdAt) } });
    };
    const slot = userSlotOf(1 as UserId);
    const all = numbers(20 * userSlotCount);
    const [a, b, c, d, e] = all.filter((n) => userSlotOf(n as UserId) === slot) as [
      number,
      number,
      number,
      number,
      number,
    ];
    for (const n of [a, b, c, d]) await openedAt(n, at);
    await openedAt(e, at + 1);
    await openedAt(
      all.find((n) => userSlotOf(n as UserId) !== slot)!,
      at,
    );
    await store.proveContact(b as UserId, hash(`phone${b}`), at);
    await store.change(d as UserId, { status: "disabled" }, at);
    const openedBefore = epochMs(at + 1);
    const walk = async (after: number, limit = 10) =>
      (await store.unproved(slot, { openedBefore, after: after as UserId, limit })).map(({ userId }) => userId);
    expect(await walk(0)).toEqual([a, c] as UserId[]);
    expect(await walk(0, 1)).toEqual([a] as UserId[]);
    expect(await walk(a)).toEqual([c] as UserId[]);
    expect(await walk(c)).toEqual([]);
  });

  test(`${adapter}: an account that proves its phone takes it from one that only named it, and nobody takes it from there`, async () => {
    const store = await create();
    for (const n of [1, 2]) await store.register(registration(n, { phone: "one" }));
    expect(await store.proveContact(2 as UserId, hash("one"), at)).toBe(true);
    expect(await store.proveContact(2 as UserId, hash("one"), at)).toBe(true);
    expect(await store.byLogin("contact", hash("one"))).toEqual({ ...registration(2).user, contactProvedAt: at });
    expect(await store.proveContact(1 as UserId, hash("one"), at)).toBe(false);
    expect((await store.byId(1 as UserId))?.contactProvedAt).toBe(epochMs(0));
    // Who names it then is not told, and does not have it.
    expect(await store.register(registration(3, { phone: "one" }))).toBe("registered");
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe(2 as UserId);
    // The one without the phone goes, and it stays where it is; the other goes, and it is free.
    const hashes = (n: number) => ({
      usernameHash: hash(`user${n}`),
      contactHash: hash("one"),
      documentHash: hash(`document${n}`),
    });
    await store.erase(1 as UserId, hashes(1), at);
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe(2 as UserId);
    await store.erase(2 as UserId, hashes(2), at);
    expect(await store.proveContact(2 as UserId, hash("one"), at)).toBe(false);
  });

  test(`${adapter}: a phone that is free is proved by an account that named it when it was not`, async () => {
    const store = await create();
    for (const n of [1, 2]) await store.register(registration(n, { phone: "one" }));
    await store.erase(
      1 as UserId,
      { usernameHash: hash("user1"), contactHash: hash("one"), documentHash: hash("document1") },
      at,
    );
    expect(await store.byLogin("contact", hash("one"))).toBeNull();
    expect(await store.proveContact(2 as UserId, hash("one"), at)).toBe(true);
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe(2 as UserId);
    expect(await store.proveContact(9 as UserId, hash("nobody's"), at)).toBe(false);
  });

  test(`${adapter}: of 20 accounts that prove one phone at once, exactly one does`, async () => {
    const store = await create();
    for (const n of numbers(20)) await store.register(registration(n, { phone: "one" }));
    const outcomes = await Promise.all(numbers(20).map((n) => store.proveContact(n as UserId, hash("one"), at)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe((outcomes.indexOf(true) + 1) as UserId);
    const accounts = await Promise.all(numbers(20).map((n) => store.byId(n as UserId)));
    expect(accounts.filter((account) => account!.contactProvedAt > 0)).toHaveLength(1);
  });

  const movedTo = (n: number, to: string, from = `phone${n}`, parts: Partial<ContactChange["after"]> = {}) => {
    const { user } = registration(n);
    const { phoneSealed, emailSealed, emailMasked } = user;
    const after = { phoneSealed: `sealed ${to}`, phoneMasked: to, emailSealed, emailMasked, ...parts };
    return {
      before: {
        phoneSealed: from === `phone${n}` ? phoneSealed : `sealed ${from}`,
        emailSealed,
        contactHash: hash(from),
      },
      after: { ...after, contactHash: hash(to) },
    };
  };

  test(`${adapter}: an account that changes its phone has the new one proved, and the one before is free`, async () => {
    const store = await create();
    for (const n of [1, 2]) await store.register(registration(n));
    expect(await store.changeContact(1 as UserId, movedTo(1, "new"), at)).toBe("changed");
    expect(await store.byId(1 as UserId)).toEqual({
      ...registration(1).user,
      phoneSealed: "sealed new",
      phoneMasked: "new",
      contactProvedAt: at,
    });
    expect((await store.byLogin("contact", hash("new")))?.userId).toBe(1 as UserId);
    expect(await store.byLogin("contact", hash("phone1"))).toBeNull();
    expect(await store.proveContact(2 as UserId, hash("phone1"), at)).toBe(true);
    // Written in another way it is the same one, and stays its own.
    expect(await store.changeContact(1 as UserId, movedTo(1, "new", "new", { phoneSealed: "sealed NEW" }), at)).toBe(
      "changed",
    );
    expect((await store.byLogin("contact", hash("new")))?.phoneSealed).toBe("sealed NEW");
  });

  test(`${adapter}: a phone that another has proved is not changed to, and nothing is changed by it`, async () => {
    const store = await create();
    for (const n of [1, 2]) await store.register(registration(n));
    await store.proveContact(2 as UserId, hash("phone2"), at);
    expect(await store.changeContact(1 as UserId, movedTo(1, "phone2"), at)).toBe("taken");
    expect(await store.byId(1 as UserId)).toEqual(registration(1).user);
    expect((await store.byLogin("contact", hash("phone1")))?.userId).toBe(1 as UserId);
    expect((await store.byLogin("contact", hash("phone2")))?.userId).toBe(2 as UserId);
  });

  test(`${adapter}: of 20 accounts that change to one phone at once, exactly one does`, async () => {
    const store = await create();
    for (const n of numbers(20)) await store.register(registration(n));
    const outcomes = await Promise.all(numbers(20).map((n) => store.changeContact(n as UserId, movedTo(n, "one"), at)));
    expect(outcomes.toSorted()).toEqual(["changed", ...numbers(19).map(() => "taken" as const)]);
    const holder = (outcomes.indexOf("changed") + 1) as UserId;
    expect((await store.byLogin("contact", hash("one")))?.userId).toBe(holder);
    const accounts = await Promise.all(numbers(20).map((n) => store.byId(n as UserId)));
    expect(accounts.filter((account) => account!.phoneMasked === "one").map((account) => account!.userId)).toEqual([
      holder,
    ]);
  });

  test(`${adapter}: of two changes of one account the later one is outdated, and what it took is let go`, async () => {
    const store = await create();
    for (const n of [1, 2]) await store.register(registration(n));
    const outcomes = await Promise.all(["b", "c"].map((to) => store.changeContact(1 as UserId, movedTo(1, to), at)));
    expect(outcomes.toSorted()).toEqual(["changed", "outdated"]);
    const [won, lost] = outcomes[0] === "changed" ? (["b", "c"] as const) : (["c", "b"] as const);
    expect((await store.byId(1 as UserId))?.phoneMasked).toBe(won);
    await store.releaseContact(1 as UserId, hash(lost));
    expect(await store.proveContact(2 as UserId, hash(lost), at)).toBe(true);
    // Nobody frees what is another's.
    await store.releaseContact(2 as UserId, hash(won));
    expect((await store.byLogin("contact", hash(won)))?.userId).toBe(1 as UserId);
    await store.erase(
      1 as UserId,
      { usernameHash: hash("user1"), contactHash: hash(won), documentHash: hash("document1") },
      at,
    );
    expect(await store.changeContact(1 as UserId, movedTo(1, "d", won), at)).toBe("outdated");
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

  test(`${adapter}: why an account is disabled, its password and since when its sessions count change alone`, async () => {
    const store = await create();
    const one = registration(1);
    await store.register(one);
    await store.register(registration(2));
    const change = { status: "disabled", statusReason: '多次抢票 "bot"', sessionsSince: at } as const;
    expect(await store.change(1 as UserId, change, at)).toBe(true);
    expect(await store.byId(1 as UserId)).toEqual({ ...one.user, ...change });
    const back = { status: "active", statusReason: null, passwordHash: "$argon2id$other" } as const;
    expect(await store.change(1 as UserId, back, at)).toBe(true);
    expect(await store.byId(1 as UserId)).toEqual({ ...one.user, ...change, ...back });
    expect(await store.byId(2 as UserId)).toEqual(registration(2).user);
  });

  test(`${adapter}: of an account that is erased a number is left, and what it had reserved is free`, async () => {
    const store = await create();
    for (const n of [1, 2, 3, 4, 5]) await store.register(registration(n, { document: "one" }));
    await store.addPassenger(passengerRecord(1, 11, "a"), 15);
    const { user, usernameHash, contactHash } = registration(1, { document: "one" });
    const hashes = { usernameHash, contactHash, documentHash: user.documentHash };
    expect(await store.erase(9 as UserId, hashes, at)).toBe(false);
    const erasures = await Promise.all([store.erase(user.userId, hashes, at), store.erase(user.userId, hashes, at)]);
    expect(erasures.filter(Boolean)).toHaveLength(1);
    const left = await store.byId(user.userId);
    expect(left).toEqual(erased(user));
    for (const known of ["User1", "张三", "document", "sealed", "139", "example", "argon2id"])
      expect(JSON.stringify(Object.values(left!))).not.toContain(known);
    expect(await store.passengers(user.userId)).toEqual([]);
    expect(await store.byLogin("username", usernameHash)).toBeNull();
    expect(await store.byLogin("contact", contactHash)).toBeNull();
    expect(await store.change(user.userId, { status: "active" }, at)).toBe(false);
    // Its names, and one more account for the document; the others' stay theirs.
    expect(await store.register(registration(7, { username: "user1", phone: "phone1", document: "one" }))).toBe(
      "registered",
    );
    expect(await store.register(registration(8, { document: "one" }))).toBe("documentFull");
    expect(await store.register(registration(8, { username: "user2" }))).toBe("usernameTaken");
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

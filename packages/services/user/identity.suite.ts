/** The rules by which a document is proved, or is not, and what its passengers count as meanwhile. */
import { expect, test } from "bun:test";
import type { Passenger, SessionView } from "@chepiao/contracts";
import { hourMs, minuteMs, secondMs, type UserId } from "@chepiao/kernel";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import { demoResidentId, type UserDeps } from "./index.ts";
import { born, codeOf, createProcess, draft, numbers, registration, type Stores } from "./user.suite.ts";

export function identitySuite(stores: string, open: () => Promise<Stores> | Stores): void {
  const process = async (deps: Partial<UserDeps> = {}) => createProcess(await open(), deps);
  const anna = { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" } as const;
  const asAnna = { realName: anna.name, documentType: anna.documentType, documentNumber: anna.documentNumber };
  const proofsOf = async (room: ReturnType<typeof createProcess>, session: SessionView) => {
    const { passengers } = room.bodyOf(await room.call("listPassengers", { session })) as { passengers: Passenger[] };
    return passengers.map(({ proof }) => proof);
  };

  test(`${stores}: a document number alone opens no account and saves no passenger, whoever's it is`, async () => {
    const { call, enter } = await process({ identityVerifier: createMemoryIdentityVerifier([anna]) });
    expect(codeOf(await call("register", { body: registration(1, { ...asAnna, realName: "xyz" }) }))).toBe(
      "IdentityRefused",
    );
    const { session } = await enter(2);
    expect(codeOf(await call("addPassenger", { session, body: draft(1, { ...anna, name: "xyz" }) }))).toBe(
      "IdentityRefused",
    );
    expect(codeOf(await call("addPassenger", { session, body: draft(1, anna) }))).toBe("ok");
    const saved = await call("addPassenger", { session, body: draft(2) });
    const { passengerId } = (saved.ok ? saved.value.body : null) as Passenger;
    expect(codeOf(await call("editPassenger", { session, params: { passengerId }, body: { name: "李五" } }))).toBe(
      "ok",
    );
  });

  test(`${stores}: nobody finds out whose document it is by trying names`, async () => {
    const { call, enter } = await process({ identityVerifier: createMemoryIdentityVerifier([anna]) });
    const { session } = await enter(1);
    const codes: string[] = [];
    for (const n of numbers(40))
      codes.push(codeOf(await call("addPassenger", { session, body: draft(1, { ...anna, name: `name ${n}` }) })));
    expect(codes.slice(0, 30).every((code) => code === "IdentityRefused")).toBe(true);
    expect(codes.at(-1)).toBe("TooManyRequests");
  });

  test(`${stores}: a saved passenger's name cannot be changed into one that is not the document's`, async () => {
    const { call, enter, bodyOf } = await process({ identityVerifier: createMemoryIdentityVerifier([anna]) });
    const { session } = await enter(1);
    const { passengerId } = bodyOf(await call("addPassenger", { session, body: draft(1, anna) })) as Passenger;
    const rename = (name: string) => call("editPassenger", { session, params: { passengerId }, body: { name } });
    expect(codeOf(await rename("李四"))).toBe("IdentityRefused");
    expect(codeOf(await rename("ANNA SCHMIDT"))).toBe("ok");
  });

  test(`${stores}: accounts that never proved a document keep its holder from none of its places`, async () => {
    const identityVerifier = createMemoryIdentityVerifier([anna]);
    const room = await process({ identityVerifier });
    identityVerifier.isThere = false;
    for (const n of numbers(6))
      expect(codeOf(await room.call("register", { body: registration(n, asAnna) }))).toBe("ok");
    identityVerifier.isThere = true;
    for (const n of [11, 12, 13, 14, 15])
      expect(codeOf(await room.call("register", { body: registration(n, asAnna) }))).toBe("ok");
    expect(codeOf(await room.call("register", { body: registration(16, asAnna) }))).toBe("DocumentAccountsFull");
  });

  test(`${stores}: whom nobody could be asked about is asked about again, and counts from then on`, async () => {
    const identityVerifier = createMemoryIdentityVerifier([anna]);
    const room = await process({ identityVerifier });
    const { call, clock } = room;
    identityVerifier.isThere = false;
    const { session } = await room.enter(1);
    await call("addPassenger", { session, body: draft(1, anna) });
    const counted = async () => (await room.room.client.passengers(session.userId as UserId)).map(({ proof }) => proof);
    expect(await counted()).toEqual(["unavailable", "unavailable"]);
    identityVerifier.isThere = true;
    expect(await proofsOf(room, session)).toEqual(["unavailable", "unavailable"]);
    await clock.advance(minuteMs);
    await proofsOf(room, session);
    await room.room.close();
    expect(await proofsOf(room, session)).toEqual(["proved", "proved"]);
    expect(await counted()).toEqual(["proved", "proved"]);
  });

  test(`${stores}: who has trips under way is proved when they are over, so that limits do not lose them`, async () => {
    const identityVerifier = createMemoryIdentityVerifier([anna]);
    let isUnderWay = true;
    const room = await process({ identityVerifier, ordersUnderWay: async () => isUnderWay });
    identityVerifier.isThere = false;
    const { session } = await room.enter(1);
    const { passengerId } = room.bodyOf(
      await room.call("addPassenger", { session, body: draft(1, anna) }),
    ) as Passenger;
    identityVerifier.isThere = true;
    const prove = () => room.call("provePassenger", { session, params: { passengerId } });
    expect(codeOf(await prove())).toBe("OrdersUnderWay");
    isUnderWay = false;
    expect(room.bodyOf(await prove())).toMatchObject({ proof: "proved" });
    expect(codeOf(await room.call("provePassenger", { session, params: { passengerId: 1 } }))).toBe("PassengerUnknown");
  });

  test(`${stores}: about whom nobody was ever asked counts as what he bought, until he is asked about`, async () => {
    const identityVerifier = createMemoryIdentityVerifier();
    const both = await open();
    const { session } = await createProcess(both, { identityVerifier: "believeEverybody" }, 1).enter(1);
    const later = createProcess(both, { identityVerifier, ordersUnderWay: async () => true }, 2);
    const counted = async () => {
      await later.clock.advance(minuteMs);
      const known = await later.room.client.passengers(session.userId as UserId);
      // Whoever is asked about meanwhile is asked.
      await later.room.close();
      return known.map(({ proof }) => proof);
    };
    identityVerifier.isThere = false;
    expect(await counted()).toEqual(["proved"]);
    expect(await counted()).toEqual(["proved"]);
    expect(await proofsOf(later, session)).toEqual(["unavailable"]);
    identityVerifier.isThere = true;
    await later.clock.advance(2 * minuteMs);
    await counted();
    expect(await proofsOf(later, session)).toEqual(["proved"]);
  });

  test(`${stores}: while the register is away an account's looks at its passengers ask it ever more seldom`, async () => {
    const identityVerifier = createMemoryIdentityVerifier();
    const both = await open();
    const { session } = await createProcess(both, { identityVerifier: "believeEverybody" }, 1).enter(1);
    const later = createProcess(both, { identityVerifier, ordersUnderWay: async () => true }, 2);
    identityVerifier.isThere = false;
    for (let second = 0; second < 6_000; second += 10) {
      await proofsOf(later, session);
      await later.room.client.passengers(session.userId as UserId);
      await later.room.close();
      await later.clock.advance(10 * secondMs);
    }
    // In 100 minutes: at once, then after 1, 2, 4, 8, 16 and 32.
    expect(identityVerifier.asked).toBe(7);
    expect(later.room.identityAnswers).toMatchObject({ unavailable: 7, matches: 0 });
  });

  test(`${stores}: who has tickets under way is not saved anew as another person to the limits`, async () => {
    const identityVerifier = createMemoryIdentityVerifier([anna]);
    let kinds: readonly string[] = [];
    const room = await process({ identityVerifier, travelsAs: async (_user, _hash, kind) => kinds.includes(kind) });
    const { session } = await room.enter(1);
    const save = () => room.call("addPassenger", { session, body: draft(1, anna) });
    const remove = (passengerId: number) => room.call("removePassenger", { session, params: { passengerId } });
    identityVerifier.isThere = false;
    const { passengerId } = room.bodyOf(await save()) as Passenger;
    await remove(passengerId);
    identityVerifier.isThere = true;
    kinds = ["unproved"];
    expect(codeOf(await save())).toBe("OrdersUnderWay");
    kinds = ["proved"];
    expect(codeOf(await save())).toBe("ok");
  });

  test(`${stores}: a document of a kind that is not known there is saved, and stays unproved`, async () => {
    const room = await process({ identityVerifier: createMemoryIdentityVerifier([], "notCovered") });
    const { session } = await room.enter(1);
    expect(await proofsOf(room, session)).toEqual(["unproved"]);
  });

  test(`${stores}: the same question is asked once a day`, async () => {
    const identityVerifier = createMemoryIdentityVerifier();
    const { call, enter, clock } = await process({ identityVerifier });
    const { session } = await enter(1);
    const before = identityVerifier.asked;
    const again = async () => {
      const saved = await call("addPassenger", { session, body: draft(1) });
      const { passengerId } = (saved.ok ? saved.value.body : null) as Passenger;
      await call("removePassenger", { session, params: { passengerId } });
    };
    await again();
    await again();
    expect(identityVerifier.asked).toBe(before + 1);
    await clock.advance(24 * hourMs);
    await again();
    expect(identityVerifier.asked).toBe(before + 2);
  });

  test(`${stores}: where nobody can be asked no document is proved, and none is kept from anybody`, async () => {
    const room = await process({ identityVerifier: "believeNobody" });
    const { session } = await room.enter(1);
    await room.call("addPassenger", { session, body: draft(1, anna) });
    expect(await proofsOf(room, session)).toEqual(["unproved", "unproved"]);
    const counted = (await room.room.client.passengers(session.userId as UserId)).map(({ proof }) => proof);
    expect(counted).not.toContain("proved");
    const document = { documentNumber: demoResidentId(born, 1) };
    for (const n of [2, 3, 4, 5, 6, 7])
      expect(codeOf(await room.call("register", { body: registration(n, document) }))).toBe("ok");
  });

  test(`${stores}: what was saved while nobody could be asked is asked about as soon as somebody can`, async () => {
    const both = await open();
    const { session } = await createProcess(both, { identityVerifier: "believeNobody" }, 1).enter(1);
    const later = createProcess(both, { identityVerifier: createMemoryIdentityVerifier() }, 2);
    await later.clock.advance(minuteMs);
    await proofsOf(later, session);
    await later.room.close();
    expect(await proofsOf(later, session)).toEqual(["proved"]);
  });

  test(`${stores}: who was believed until nobody was counts as what he bought, until his trips are over`, async () => {
    const both = await open();
    const { session } = await createProcess(both, { identityVerifier: "believeEverybody" }, 1).enter(1);
    let isUnderWay = true;
    const later = createProcess(both, { identityVerifier: "believeNobody", ordersUnderWay: async () => isUnderWay }, 2);
    const counted = async () => {
      await later.clock.advance(5 * minuteMs);
      await later.room.client.passengers(session.userId as UserId);
      await later.room.close();
      const known = await later.room.client.passengers(session.userId as UserId);
      return known.map(({ proof }) => proof === "proved");
    };
    expect(await counted()).toEqual([true]);
    isUnderWay = false;
    expect(await counted()).toEqual([false]);
  });

  test(`${stores}: where everybody is to be believed, as accounts and as passengers they are`, async () => {
    const room = await process({ identityVerifier: "believeEverybody" });
    const { session } = await room.enter(1);
    expect(await proofsOf(room, session)).toEqual(["proved"]);
    const document = { documentNumber: demoResidentId(born, 1) };
    for (const n of [2, 3, 4, 5]) await room.call("register", { body: registration(n, document) });
    expect(codeOf(await room.call("register", { body: registration(6, document) }))).toBe("DocumentAccountsFull");
  });

  test(`${stores}: rooms that need a proof are told whether somebody was asked for it`, async () => {
    const both = await open();
    const unasked = async (deps: Partial<UserDeps>, node: number) => {
      const room = createProcess(both, deps, node);
      const { session } = await room.enter(node);
      return (await room.room.client.passengers(session.userId as UserId)).map((known) => known.unasked);
    };
    const believed = createProcess(both, { identityVerifier: "believeEverybody" }, 1);
    const { session } = await believed.enter(1);
    expect((await believed.room.client.passengers(session.userId as UserId))[0]?.unasked).toBe("never");
    const later = createProcess(both, { identityVerifier: "believeNobody" }, 2);
    expect((await later.room.client.passengers(session.userId as UserId))[0]?.unasked).toBe("yet");
    expect(await unasked({ identityVerifier: createMemoryIdentityVerifier() }, 3)).toEqual([undefined]);
  });
}

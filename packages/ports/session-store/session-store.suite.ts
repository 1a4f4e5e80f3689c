/** The rules of a session store. */
import { expect, test } from "bun:test";
import { epochMs, minuteMs, type Slot, slotOfUser, type UserId, userSlotCount } from "@chepiao/kernel";
import { slotOfSession, slotPrefix, type SessionRecord, type SessionStore } from "./session-store.ts";

export function sessionStoreSuite(adapter: string, create: () => Promise<SessionStore> | SessionStore): void {
  const start = 1_800_000_000_000;
  const session = (userId: number, n: number): SessionRecord => ({
    sessionId: `${slotPrefix((slotOfUser(userId as UserId) % userSlotCount) as Slot)}${String(n).padStart(60, "0")}`,
    userId: userId as UserId,
    createdAt: epochMs(start + n),
    lastSeenAt: epochMs(start + n),
    expiresAt: epochMs(start + n + 30 * minuteMs),
    userAgent: "Mozilla/5.0 (测试)",
  });

  test(`${adapter}: a session comes back as it was written, and ends once`, async () => {
    const store = await create();
    const one = session(7, 1);
    await store.create(one);
    expect(await store.find(one.sessionId)).toEqual(one);
    expect(await store.find(session(7, 2).sessionId)).toBeNull();
    expect([await store.end(one.userId, one.sessionId), await store.end(one.userId, one.sessionId)]).toEqual([
      true,
      false,
    ]);
    expect(await store.find(one.sessionId)).toBeNull();
  });

  test(`${adapter}: a session that is used lasts longer; one that has ended stays ended`, async () => {
    const store = await create();
    const one = session(7, 1);
    await store.create(one);
    const [seen, expires] = [epochMs(start + 5 * minuteMs), epochMs(start + 35 * minuteMs)];
    expect(await store.slide(one.sessionId, seen, expires, epochMs(start))).toBe(true);
    expect(await store.slide(one.sessionId, seen, expires, epochMs(start))).toBe(true);
    expect(await store.find(one.sessionId)).toEqual({ ...one, lastSeenAt: seen, expiresAt: expires });
    await store.end(one.userId, one.sessionId);
    expect(await store.slide(one.sessionId, seen, expires, epochMs(start))).toBe(false);
    expect(await store.find(one.sessionId)).toBeNull();
  });

  test(`${adapter}: a session that was opened too long ago does not last longer by being used`, async () => {
    const store = await create();
    const one = session(7, 1);
    await store.create(one);
    const [seen, expires] = [epochMs(start + 5 * minuteMs), epochMs(start + 35 * minuteMs)];
    expect(await store.slide(one.sessionId, seen, expires, one.createdAt)).toBe(false);
    expect(await store.find(one.sessionId)).toEqual(one);
    expect(await store.slide(one.sessionId, seen, expires, epochMs(one.createdAt - 1))).toBe(true);
  });

  test(`${adapter}: nobody ends another's session`, async () => {
    const store = await create();
    const one = session(7, 1);
    await store.create(one);
    expect(await store.end(8 as UserId, one.sessionId)).toBe(false);
    expect(await store.find(one.sessionId)).toEqual(one);
  });

  test(`${adapter}: a user's sessions are listed oldest first and end together`, async () => {
    const store = await create();
    for (const n of [3, 1, 2]) await store.create(session(7, n));
    await store.create(session(8, 4));
    expect(await store.listOf(7 as UserId)).toEqual([session(7, 1), session(7, 2), session(7, 3)]);
    expect(await store.endAll(7 as UserId)).toBe(true);
    expect(await store.endAll(7 as UserId)).toBe(false);
    expect(await store.listOf(7 as UserId)).toEqual([]);
    expect(await store.listOf(8 as UserId)).toEqual([session(8, 4)]);
  });

  test(`${adapter}: all of a user's sessions but one end together`, async () => {
    const store = await create();
    for (const n of [1, 2, 3]) await store.create(session(7, n));
    await store.create(session(8, 4));
    expect(await store.endAll(7 as UserId, session(7, 2).sessionId)).toBe(true);
    expect(await store.endAll(7 as UserId, session(7, 2).sessionId)).toBe(false);
    expect(await store.listOf(7 as UserId)).toEqual([session(7, 2)]);
    // Another user's session saves none of this one's.
    await store.endAll(7 as UserId, session(8, 4).sessionId);
    expect(await store.listOf(7 as UserId)).toEqual([]);
    expect(await store.listOf(8 as UserId)).toEqual([session(8, 4)]);
  });

  test(`${adapter}: only what has expired is purged, a bounded number at a time`, async () => {
    const store = await create();
    for (const n of [1, 2, 3, 4]) await store.create(session(7, n));
    const by = session(7, 3).expiresAt;
    expect([await store.purge(by, 2), await store.purge(by, 2), await store.purge(by, 2)]).toEqual([2, 1, 0]);
    expect(await store.listOf(7 as UserId)).toEqual([session(7, 4)]);
  });

  test(`${adapter}: a session's id leads to its user's slot`, () => {
    expect(slotOfSession(session(7, 1).sessionId)).toBe((slotOfUser(7 as UserId) % userSlotCount) as Slot);
  });
}

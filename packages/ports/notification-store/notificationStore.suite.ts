/** What every store of notifications keeps to. */
import { expect, test } from "bun:test";
import type { NotificationPreferences } from "@chepiao/contracts";
import { epochMs, fen, type UserId } from "@chepiao/kernel";
import type { NewNotification, NotificationStore } from "./notificationStore.ts";

const [anna, bert] = [7 as UserId, 1_031 as UserId];
const now = epochMs(9_000);
const told = (n: number, more: Partial<NewNotification> = {}): NewNotification => ({
  notificationId: `ticketsBooked:E0000000000000000${n}.1.1`,
  userId: anna,
  kind: "ticketsBooked",
  facts: {
    orderNo: `E0000000000000000${n}`,
    trips: [
      {
        trainNumber: "G1",
        boardingDate: "2026-12-01",
        fromStationId: "BJN",
        fromName: "北京南",
        toStationId: "SHH",
        toName: "上海虹桥",
        departAt: "2026-12-01T08:00:00+08:00",
      },
    ],
    count: 2,
    moneyFen: fen(110_600),
  },
  at: epochMs(1_000 * n),
  ...more,
});
const unread = (notification: NewNotification) => ({ ...notification, readAt: null });
const ids = (some: readonly { readonly notificationId: string }[]) =>
  some.map(({ notificationId }) => notificationId.slice(-5, -4));

export function notificationStoreSuite(adapter: string, open: () => Promise<NotificationStore>): void {
  test(`I7 ${adapter}: what is told again is there once, as it was, and stays read`, async () => {
    const store = await open();
    await store.add([]);
    await Promise.all([store.add([told(1), told(2)]), store.add([told(2), told(1)])]);
    await store.markRead(anna, [told(1).notificationId], now);
    await store.add([told(1, { kind: "ticketsReturned" }), told(3), told(3)]);
    expect(await store.ofUser(anna, { limit: 9 })).toEqual([
      unread(told(3)),
      unread(told(2)),
      { ...told(1), readAt: now },
    ]);
  });

  test(`${adapter}: they are read page by page, newest first, and of the own account alone`, async () => {
    const store = await open();
    const atOnce = [4, 5, 6].map((n) => told(n, { at: epochMs(4_000) }));
    await store.add([told(3), ...atOnce, told(2, { userId: bert }), told(1)]);
    const first = await store.ofUser(anna, { limit: 2 });
    const second = await store.ofUser(anna, { limit: 2, before: first[1]! });
    const third = await store.ofUser(anna, { limit: 2, before: second[1]! });
    expect([first, second, third].map(ids)).toEqual([["6", "5"], ["4", "3"], ["1"]]);
    expect(ids(await store.ofUser(bert, { limit: 9 }))).toEqual(["2"]);
    expect(await store.ofUser(anna, { limit: 2, before: { at: epochMs(0), notificationId: "none" } })).toEqual([]);
  });

  test(`${adapter}: what is read is counted no more, and nobody reads what is another's`, async () => {
    const store = await open();
    await store.add([told(1), told(2), told(3), told(4, { userId: bert })]);
    expect([await store.unread(anna, 99), await store.unread(anna, 2), await store.unread(bert, 99)]).toEqual([
      3, 2, 1,
    ]);
    await store.markRead(anna, [told(2).notificationId, told(4).notificationId, "none"], now);
    expect([await store.unread(anna, 99), await store.unread(bert, 99)]).toEqual([2, 1]);
    await store.markReadUpTo(anna, told(2), epochMs(9_500));
    expect((await store.ofUser(anna, { limit: 9 })).map(({ readAt }) => readAt as number | null)).toEqual([
      null,
      9_000,
      9_500,
    ]);
    await store.markReadUpTo(anna, { at: epochMs(9_999), notificationId: "none" }, now);
    expect([await store.unread(anna, 99), await store.unread(bert, 99)]).toEqual([0, 1]);
  });

  test(`${adapter}: an account that is erased has none left, and those of long ago are forgotten some at a time`, async () => {
    const store = await open();
    await store.add([1, 2, 3, 4].map((n) => told(n)));
    await store.add([told(5, { userId: bert }), told(1, { userId: bert })]);
    await store.erase(bert);
    expect(await store.ofUser(bert, { limit: 9 })).toEqual([]);
    const forgotten = [await store.forget(epochMs(4_000), 2), await store.forget(epochMs(4_000), 2)];
    expect([...forgotten, await store.forget(epochMs(4_000), 2)]).toEqual([2, 1, 0]);
    expect(ids(await store.ofUser(anna, { limit: 9 }))).toEqual(["4"]);
  });

  test(`${adapter}: an account chooses for itself, the last choice holds, and it goes with the account`, async () => {
    const store = await open();
    const quiet = { from: "22:00", until: "07:00", zone: "Asia/Shanghai" };
    const choice: NotificationPreferences = { notMailed: ["orderExpired"], language: "en", quiet };
    expect(await store.preferences(anna)).toBeNull();
    await store.setPreferences(anna, choice, now);
    await store.setPreferences(bert, { ...choice, notMailed: [] }, now);
    await Promise.all([store.setPreferences(anna, choice, now), store.setPreferences(anna, choice, now)]);
    await store.setPreferences(anna, { ...choice, language: null, quiet: null }, epochMs(9_100));
    expect(await store.preferences(anna)).toEqual({ notMailed: ["orderExpired"], language: null, quiet: null });
    await store.erase(anna);
    expect([await store.preferences(anna), (await store.preferences(bert))?.quiet]).toEqual([null, quiet]);
  });
}

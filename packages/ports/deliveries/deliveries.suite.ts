/** What every store of deliveries keeps to. */
import { expect, test } from "bun:test";
import { epochMs, fen, type UserId } from "@chepiao/kernel";
import type { Deliveries, Delivery, DeliveryOutcome, DeliverySearch, NewDelivery } from "./deliveries.ts";

const [anna, bert] = [7 as UserId, 1_031 as UserId];
const delivery = (n: number, more: Partial<NewDelivery> = {}): NewDelivery => ({
  userId: anna,
  notificationId: `moneyReturned:R${n}`,
  channel: "mail",
  kind: "moneyReturned",
  facts: { orderNo: `E0000000000000000${n}`, trips: [], moneyFen: fen(100 * n) },
  at: epochMs(1_000 * n),
  ...more,
});
const seen = (n: number, tries: number, more: Partial<NewDelivery> = {}) => ({ ...delivery(n, more), tries });
const queued = (of: NewDelivery, more: Partial<Delivery> = {}): Delivery => ({
  ...of,
  state: "queued",
  tries: 0,
  dueAt: of.at,
  lastError: null,
  ...more,
});
const ids = (some: readonly { readonly notificationId: string }[]) =>
  some.map(({ notificationId }) => notificationId.slice(-1));
const sent = (at: number): DeliveryOutcome => ({ state: "sent", lastError: null, at: epochMs(at) });
const claimAt = (now: number, until: number, limit = 9) => ({ now: epochMs(now), until: epochMs(until), limit });

export function deliveriesSuite(adapter: string, open: () => Promise<Deliveries>): void {
  test(`I7 ${adapter}: a delivery is one by its account, notification and channel, whatever became of it`, async () => {
    const store = await open();
    await store.add([]);
    await Promise.all([store.add([delivery(1), delivery(2)]), store.add([delivery(2), delivery(1)])]);
    await store.add([delivery(1, { userId: bert }), delivery(1, { channel: "sms" })]);
    expect(await store.find({ userId: bert, limit: 9 })).toEqual([queued(delivery(1, { userId: bert }))]);
    expect(await store.claim(claimAt(9_000, 20_000))).toHaveLength(4);
    await store.settle(delivery(1), 1, sent(9_500));
    await store.add([delivery(1), delivery(3)]);
    expect(
      (await store.find({ userId: anna, limit: 2 })).map(({ notificationId, state }) => [
        notificationId.slice(-1),
        state,
      ]),
    ).toEqual([
      ["3", "queued"],
      ["2", "queued"],
    ]);
    expect(ids(await store.claim(claimAt(9_500, 20_000)))).toEqual(["3"]);
  });

  test(`${adapter}: what is due is handed out once, the oldest first, and again only when its time is over`, async () => {
    const store = await open();
    await store.add([delivery(3), delivery(1), delivery(4), delivery(2)]);
    const both = await Promise.all([store.claim(claimAt(2_500, 5_000, 1)), store.claim(claimAt(2_500, 5_000, 9))]);
    expect(ids(both.flat()).toSorted()).toEqual(["1", "2"]);
    expect(both.flat().map(({ tries, dueAt }) => [tries, dueAt as number])).toEqual([
      [1, 5_000],
      [1, 5_000],
    ]);
    expect(await store.claim(claimAt(2_900, 5_000))).toEqual([]);
    expect(ids(await store.claim(claimAt(4_999, 9_000)))).toEqual(["3", "4"]);
    const again = await store.claim(claimAt(5_000, 9_000));
    expect(again.map(({ notificationId, tries }) => `${notificationId.slice(-1)} ${tries}`).toSorted()).toEqual([
      "1 2",
      "2 2",
    ]);
  });

  test(`${adapter}: a try that failed is made again at its time, and what has ended stays so`, async () => {
    const store = await open();
    await store.add([delivery(1), delivery(2), delivery(3)]);
    await store.claim(claimAt(3_000, 5_000));
    await store.settle(delivery(1), 1, { state: "queued", lastError: "450 later", dueAt: epochMs(7_000) });
    await store.settle(delivery(2), 1, { state: "bounced", lastError: "550 unknown", at: epochMs(3_500) });
    await store.settle(delivery(2), 1, sent(3_600));
    expect(await store.claim(claimAt(4_000, 9_000))).toEqual([]);
    expect(await store.find({ userId: anna, limit: 9 })).toMatchObject([
      { state: "queued", tries: 1 },
      { state: "bounced", tries: 1, lastError: "550 unknown", dueAt: 3_500 },
      { state: "queued", tries: 1, lastError: "450 later", dueAt: 7_000 },
    ]);
    expect(ids(await store.claim(claimAt(7_000, 9_000))).toSorted()).toEqual(["1", "3"]);
  });

  test(`${adapter}: a process that was too slow ends nothing but what it has sent`, async () => {
    const store = await open();
    await store.add([delivery(1), delivery(2)]);
    await store.claim(claimAt(2_000, 3_000));
    await store.claim(claimAt(3_000, 5_000));
    await store.settle(delivery(1), 1, { state: "failed", lastError: "slow", at: epochMs(3_100) });
    await store.settle(delivery(2), 1, sent(3_100));
    expect(await store.find({ userId: anna, limit: 9 })).toMatchObject([
      { state: "sent", tries: 2 },
      { state: "queued", tries: 2, dueAt: 5_000, lastError: null },
    ]);
  });

  test(`${adapter}: the backlog is counted, an account that is erased has none left, and those of long ago are forgotten`, async () => {
    const store = await open();
    expect(await store.backlog(9)).toEqual({ queued: 0, dueSince: null });
    await store.add([1, 2, 3, 4].map((n) => delivery(n)));
    await store.add([delivery(5, { userId: bert }), delivery(1, { userId: bert })]);
    expect(await store.backlog(3)).toEqual({ queued: 3, dueSince: epochMs(1_000) });
    await store.erase(bert);
    expect([await store.find({ userId: bert, limit: 9 }), (await store.backlog(9)).queued]).toEqual([[], 4]);
    const forgotten = [await store.forget(epochMs(4_000), 2), await store.forget(epochMs(4_000), 2)];
    expect([...forgotten, await store.forget(epochMs(4_000), 2)]).toEqual([2, 1, 0]);
    expect(ids(await store.find({ userId: anna, limit: 9 }))).toEqual(["4"]);
  });

  test(`${adapter}: deliveries are found by account, kind and state, newest first, and those that wait by when they are due`, async () => {
    const store = await open();
    const other = { userId: bert, kind: "ticketsBooked" } as const;
    await store.add([delivery(1), delivery(2), delivery(3, other), delivery(4, { kind: "ticketsBooked" })]);
    await store.claim(claimAt(2_000, 9_000));
    await store.settle(delivery(1), 1, { state: "bounced", lastError: "550 unknown", at: epochMs(2_500) });
    await store.settle(delivery(2), 1, { state: "queued", lastError: "450 later", dueAt: epochMs(8_000) });
    const found = async (search: Omit<DeliverySearch, "limit">, limit = 9) =>
      ids(await store.find({ ...search, limit }));
    expect(await found({ userId: anna })).toEqual(["4", "2", "1"]);
    expect(await found({ state: "queued" })).toEqual(["4", "3", "2"]);
    expect(await found({ state: "queued" }, 2)).toEqual(["4", "3"]);
    expect(await found({ kind: "ticketsBooked" })).toEqual(["4", "3"]);
    expect(await found({ userId: anna, kind: "ticketsBooked", state: "queued" })).toEqual(["4"]);
    expect(await found({ userId: bert, state: "sent" })).toEqual([]);
    expect(await store.waiting(9)).toEqual([
      { at: epochMs(3_000), dueAt: epochMs(3_000), tries: 0 },
      { at: epochMs(4_000), dueAt: epochMs(4_000), tries: 0 },
      { at: epochMs(2_000), dueAt: epochMs(8_000), tries: 1 },
    ]);
    expect(await store.waiting(1)).toHaveLength(1);
  });

  test(`${adapter}: what has ended is queued once more, and whoever tried it before ends nothing but what he has sent`, async () => {
    const store = await open();
    await store.add([delivery(1), delivery(2)]);
    expect(await store.queueAgain(seen(1, 0), epochMs(1_500))).toBe(false);
    expect(await store.queueAgain(seen(9, 0), epochMs(1_500))).toBe(false);
    await store.claim(claimAt(1_000, 9_000));
    await store.settle(delivery(1), 1, { state: "bounced", lastError: "550 unknown", at: epochMs(2_500) });
    expect(await store.queueAgain(seen(1, 1, { userId: bert }), epochMs(3_000))).toBe(false);
    // It was tried since, and this one has seen it before.
    expect(await store.queueAgain(seen(1, 0), epochMs(3_000))).toBe(false);
    expect(await store.queueAgain(seen(1, 1), epochMs(3_000))).toBe(true);
    expect(await store.queueAgain(seen(1, 1), epochMs(4_000))).toBe(false);
    expect(await store.find({ userId: anna, state: "queued", limit: 9 })).toMatchObject([
      { notificationId: delivery(2).notificationId },
      { dueAt: 3_000, tries: 1, lastError: "550 unknown" },
    ]);
    const [again] = await store.claim(claimAt(3_000, 9_000, 1));
    expect(again).toBeDefined();
    const claimed = [again!, ...(await store.claim(claimAt(3_000, 9_000)))];
    expect(claimed.map(({ notificationId, tries }) => `${notificationId.slice(-1)} ${tries}`).toSorted()).toEqual([
      "1 2",
      "2 1",
    ]);
  });
}

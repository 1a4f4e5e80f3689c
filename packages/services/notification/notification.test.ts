/** What accounts are told of what became of their orders: once, whatever comes again, and nobody else's. */
import { expect, test } from "bun:test";
import {
  firstPolicyVersion,
  type LogRecord,
  type NotificationPreferences,
  type notificationRoutes,
  type OrderCause,
  type OrderStateChanged,
  policyDefault,
  preferencesDefault,
  type RefundDue,
  type Refusal,
  type Reply,
  runId,
  type Timetable,
  type ToldEntry,
  type ToldOrder,
} from "@chepiao/contracts";
import {
  createIdSource,
  dayMs,
  epochMs,
  fen,
  minuteMs,
  orderNoOf,
  type Result,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryDeliveries } from "@chepiao/ports/deliveries";
import { createMemoryMessenger, MessageRefused, type Messenger } from "@chepiao/ports/messenger";
import { createMemoryNotificationStore } from "@chepiao/ports/notification-store";
import { createMemoryRunStateStore, operatorSays, operatorShortens, operatorSource } from "@chepiao/ports/run-states";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createNotification } from "./index.ts";
import { forgottenAtOnce } from "./jobs.ts";

const noon = epochMs(Date.parse("2026-11-20T12:00:00+08:00"));
const [anna, bert] = [7 as UserId, 8 as UserId];
const ids = createIdSource(1);
const orderId = ids.orderId(anna, noon);
const orderNo = orderNoOf(orderId);
const run = runId("G1", serviceDate("2026-12-01"));
const other = runId("G2", serviceDate("2026-12-01"));

const trip = (trainNumber: string) => ({
  trainNumber,
  boardingDate: "2026-12-01",
  fromStationId: "BJN",
  fromName: "北京南",
  toStationId: "SHH",
  toName: "上海虹桥",
  departAt: "2026-12-01T08:00:00+08:00",
});
const order: ToldOrder = {
  orderNo,
  userId: anna,
  isOfWaitlist: false,
  changeKind: null,
  totalFen: fen(165_900),
  trips: [
    { ...trip("G1"), runId: run },
    { ...trip("G2"), runId: other },
  ],
  tickets: [
    { ticketNo: "T1", line: 0, fareFen: fen(55_300), feeFen: fen(2_750), refundFen: fen(52_550), coachNo: null },
    { ticketNo: "T2", line: 0, fareFen: fen(55_300), feeFen: fen(0), refundFen: fen(55_300), coachNo: null },
    { ticketNo: "T3", line: 1, fareFen: fen(55_300), feeFen: null, refundFen: null, coachNo: 5 },
  ],
};
const entry: ToldEntry = {
  userId: anna,
  waitlistNo: `W${orderNo.slice(1)}`,
  trips: ["G1", "G2", "G3", "G4", "G5"].map(trip),
};

const timetable = {
  zone: "Asia/Shanghai",
  policy: firstPolicyVersion(policyDefault),
  station: (id: string) =>
    id === "BJN" ? { nameEn: "Beijing South" } : id === "SHH" ? { nameEn: "Shanghai Hongqiao" } : null,
} as unknown as Timetable;

function open(known: ToldOrder | null = order, messenger: Messenger | null = null) {
  const store = createMemoryNotificationStore();
  const deliveries = createMemoryDeliveries();
  const addresses = new Map<UserId, string>([[anna, "anna@example.com"]]);
  const deleted = new Set<UserId>();
  const runStates = createMemoryRunStateStore();
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const clock = createManualClock(noon);
  let asked = 0;
  const room = createNotification({
    clock,
    timetable: () => timetable,
    store,
    deliveries,
    messenger,
    users: {
      mailAddress: async (userId) => addresses.get(userId) ?? null,
      isDeleted: (userId) => deleted.has(userId),
    },
    runStates,
    withdrawnCoaches,
    orders: {
      told: async () => {
        asked++;
        return known;
      },
      holdersOn: async (_, skipped) => (skipped?.includes(9) ? [] : [orderId]),
    },
    waitlist: { told: async () => (known ? entry : null) },
    notificationsKeptMs: 180 * dayMs,
  });
  const [states, refunds] = room.consumers;
  const record = (topic: LogRecord["topic"], value: unknown) => ({ topic, key: run, value }) as LogRecord;
  const session = (userId: number) => ({ sessionId: "s", userId, role: "passenger" as const });
  const call = async (route: keyof typeof notificationRoutes, userId: number, parts: object) => {
    const handler = room.handlers[route] as unknown as (call: object) => Promise<Result<Reply, Refusal>>;
    const answer = await handler({ session: session(userId), language: "en", query: {}, ...parts });
    return (answer as { readonly value: Reply }).value.body as {
      unread: number;
      next: string | null;
      notifications: readonly Record<string, unknown>[];
    };
  };
  /** What is answered, or the code of the refusal. */
  const ask = async (route: keyof typeof notificationRoutes, userId: number, parts: object) => {
    const handler = room.handlers[route] as unknown as (call: object) => Promise<Result<Reply, Refusal>>;
    const answer = await handler({ session: session(userId), language: "en", ...parts });
    return answer.ok ? answer.value.body : answer.error.code;
  };
  return {
    room,
    store,
    deliveries,
    addresses,
    deleted,
    runStates,
    withdrawnCoaches,
    clock,
    asked: () => asked,
    changed: (...changes: readonly OrderStateChanged[]) =>
      states!.handle(changes.map((change) => record("order-state-topic", change))),
    refunded: (...dues: readonly RefundDue[]) =>
      refunds!.handle(dues.map((due) => record("payment-refund-topic", due))),
    told: () => store.all().map(({ kind }) => kind),
    preferences: (userId: number) => ask("preferences", userId, {}),
    setPreferences: (userId: number, body: object) => ask("setPreferences", userId, { body }),
    list: (userId: number, parts: object = {}) => call("list", userId, parts),
    read: (userId: number, body: object) => call("read", userId, { body }),
  };
}

const change = (because: OrderCause, more: Partial<OrderStateChanged> = {}): OrderStateChanged => ({
  orderId,
  orderNo,
  userId: anna,
  version: 1,
  step: 1,
  from: "paid",
  to: "ticketed",
  because,
  at: noon,
  tickets: ["T1", "T2", "T3"].map((ticketNo) => ({ ticketNo, state: "issued" })),
  ...more,
});
const due = (reason: RefundDue["reason"]): RefundDue => ({
  refundNo: `P1-${reason}`,
  paymentNo: "P1",
  orderNo,
  ticketNo: null,
  amountFen: fen(12_345),
  feeFen: fen(0),
  reason,
});

test("I7 an event that comes again, alone or with others, is one notification", async () => {
  const { changed, told } = open();
  await changed(change("ticketed"));
  await Promise.all([changed(change("ticketed"), change("ticketed")), changed(change("ticketed"))]);
  expect(told()).toEqual(["ticketsBooked"]);
  await changed(change("ticketed", { version: 3 }));
  expect(told()).toHaveLength(2);
});

test("I7 a batch that dies between its writes comes again, and nothing of it is lost or told twice", async () => {
  const { room, changed, told, store } = open();
  const add = store.add;
  let fails = true;
  store.add = async (some) => {
    await add(some.slice(0, 1));
    if (fails) throw new Error("it died between");
    await add(some);
  };
  const batch = [change("ticketed"), change("expired", { version: 2 })];
  expect(changed(...batch)).rejects.toThrow("between");
  fails = false;
  await changed(...batch);
  expect(told().toSorted()).toEqual(["orderExpired", "ticketsBooked"]);
  expect(room.counters.ofUnknown).toBe(0);
});

test("each change of an order is told by what it is, and what its owner has done or need not know is not", async () => {
  const kinds = async (because: OrderCause, known: Partial<ToldOrder> = {}) => {
    const { changed, told } = open({ ...order, ...known });
    await changed(change(because));
    return told();
  };
  expect(await kinds("ticketed", { isOfWaitlist: true })).toEqual(["waitlistServed"]);
  expect(await kinds("ticketed", { changeKind: "reschedule" })).toEqual(["ticketsChanged"]);
  expect(await kinds("ticketed", { changeKind: "destination" })).toEqual(["stationChanged"]);
  expect(await kinds("seatsLost")).toEqual(["orderRejected"]);
  expect(await kinds("limitReached")).toEqual(["orderRejected"]);
  expect(await kinds("expired")).toEqual(["orderExpired"]);
  for (const quiet of ["seatsClaimed", "paid", "cancelled", "travelled", "entered", "allChanged"] as const) {
    const { changed, told, asked } = open();
    await changed(change(quiet));
    expect([quiet, told(), asked()]).toEqual([quiet, [], 0]);
  }
});

test("tickets that went back are told with what comes back of them and what does not, up to this change", async () => {
  const { changed, list } = open();
  const states = (...all: readonly ("issued" | "refunding" | "refunded")[]) =>
    all.map((state, n) => ({ ticketNo: `T${n + 1}`, state }));
  await changed(change("partReturned", { version: 2, tickets: states("refunding", "issued", "issued") }));
  await changed(
    change("partReturned", { version: 3, at: epochMs(noon + 1), tickets: states("refunded", "refunding", "issued") }),
  );
  expect((await list(anna)).notifications.map(({ text }) => text)).toEqual([
    `Returned tickets of order ${orderNo} so far: 2. G1 Beijing South – Shanghai Hongqiao, departs 2026-12-01 08:00. ¥1,078.50 goes back the way it was paid, after a fee of ¥27.50.`,
    `Returned tickets of order ${orderNo} so far: 1. G1 Beijing South – Shanghai Hongqiao, departs 2026-12-01 08:00. ¥525.50 goes back the way it was paid, after a fee of ¥27.50.`,
  ]);
});

test("that money was paid back is told once, with the last ticket that it was to come for", async () => {
  const { changed, list, asked, told } = open();
  const settled = (version: number, ...states: readonly ("issued" | "refunding" | "refunded")[]) =>
    change("refundSettled", { version, tickets: states.map((state, n) => ({ ticketNo: `T${n + 1}`, state })) });
  await changed(settled(3, "refunded", "refunding", "issued"));
  expect([told(), asked()]).toEqual([[], 0]);
  await changed(settled(4, "refunded", "refunded", "issued"));
  await changed(settled(4, "refunded", "refunded", "issued"));
  expect((await list(anna)).notifications.map(({ text }) => text)).toEqual([
    `Returned tickets of order ${orderNo}: 2. G1 Beijing South – Shanghai Hongqiao, departs 2026-12-01 08:00. ¥1,078.50 in all was paid back the way it came; a bank may take a while to show it.`,
  ]);
});

test("money that pays for nothing is told to whose it is, and that of returned tickets is not told a second time", async () => {
  const { refunded, list, room } = open();
  const reasons = [
    "latePayment",
    "duplicatePayment",
    "waitlistDifference",
    "waitlistEnded",
    "ticketReturned",
    "ticketChanged",
    "orderGone",
  ] as const;
  await refunded(...reasons.map(due), ...reasons.map(due));
  const { notifications } = await list(anna, { language: "zh" });
  expect(notifications.map(({ kind }) => String(kind)).toSorted()).toEqual([
    "moneyReturned",
    "moneyReturned",
    "moneyReturned",
    "waitlistEnded",
  ]);
  expect(notifications.find(({ kind }) => kind === "waitlistEnded")).toMatchObject({
    orderNo: entry.waitlistNo,
    text: `候补订单 ${entry.waitlistNo}（G1 北京南–上海虹桥，2026-12-01 08:00 开；G2 北京南–上海虹桥，2026-12-01 08:00 开；G3 北京南–上海虹桥，2026-12-01 08:00 开；另有 2 趟列车）未能兑现或已取消，预付款 ¥123.45 将原路退回。`,
  });
  expect(room.counters.ofUnknown).toBe(0);
  const nobodys = open(null);
  await nobodys.refunded(due("latePayment"), due("waitlistEnded"));
  await nobodys.changed(change("ticketed"));
  expect(nobodys.told()).toEqual([]);
  expect(nobodys.room.counters).toMatchObject({ told: 0, ofUnknown: 3 });
});

test("who has tickets of a train that does not run is told once, whether by the pass or by the change of the order", async () => {
  const { room, runStates, changed, told, clock, list, asked } = open();
  await runStates.replace(operatorSource(run), operatorSays(run, true, noon, 12 * 60 * minuteMs), noon);
  await room.tellOfCancelledRuns();
  expect(told()).toEqual([]);
  await clock.advance(minuteMs);
  await room.tellOfCancelledRuns();
  expect(told()).toEqual(["trainCancelled"]);
  const before = asked();
  await clock.advance(5 * minuteMs);
  await room.tellOfCancelledRuns();
  expect(asked()).toBe(before);
  const notRun = { runId: run, isShortened: false, saidAt: noon };
  await changed(change("partReturned", { notRun, tickets: [{ ticketNo: "T2", state: "refunding" }] }));
  expect(told()).toEqual(["trainCancelled", "ticketsReturned"]);
  expect((await list(anna)).notifications.find(({ kind }) => kind === "trainCancelled")).toMatchObject({
    text: `A train of order ${orderNo} does not run: G1 Beijing South – Shanghai Hongqiao, departs 2026-12-01 08:00. Tickets that are paid for and not used go back in full, without a fee; the order says how. What is not paid yet need not be.`,
  });
});

test("a train that is shortened is told by its own kind, to an order that waits for its money, too", async () => {
  const { room, runStates, changed, told, clock } = open();
  const notRun = { runId: run, isShortened: true, saidAt: noon };
  await changed(change("cancelled", { notRun }));
  expect(told()).toEqual(["trainShortened"]);
  await runStates.replace(operatorSource(run), operatorShortens(run, [3], noon), noon);
  await clock.advance(minuteMs);
  await room.tellOfCancelledRuns();
  expect(told()).toEqual(["trainShortened"]);
});

test("who finds no seat in place of one in a lost coach is told once, and not who has used the ticket or given it back, or was not refused one", async () => {
  const { room, told, list, withdrawnCoaches, asked } = open();
  const result = (why: string | null, ...ticketNos: readonly string[]) =>
    withdrawnCoaches.noteReseats(other, [{ orderId, ticketNos, why, at: noon }]);
  await result("SoldOut", "T3");
  await room.tellOfLostSeats();
  expect([told(), asked()]).toEqual([[], 0]);
  await withdrawnCoaches.set(0, { runId: other, coachNos: [5], lost: [{ no: 5, since: noon }] });
  await result(null, "T3");
  await room.tellOfLostSeats();
  expect([told(), asked()]).toEqual([[], 0]);
  await result("SoldOut", "T3");
  for (let n = 0; n < 2; n++) await room.tellOfLostSeats();
  expect([told(), asked()]).toEqual([["noSeatLeft"], 1]);
  const words = `no other seat yet for tickets of order ${orderNo}.`;
  expect((await list(anna)).notifications[0]!["text"]).toContain(words);
  const gone = { ...order, tickets: order.tickets.map((each) => ({ ...each, coachNo: null })) };
  const returned = open(gone);
  await returned.withdrawnCoaches.set(0, { runId: other, coachNos: [5], lost: [{ no: 5, since: noon }] });
  await returned.withdrawnCoaches.noteReseats(other, [{ orderId, ticketNos: ["T3"], why: "SoldOut", at: noon }]);
  await returned.room.tellOfLostSeats();
  expect(returned.told()).toEqual([]);
});

test("who has no other seat for one in a coach that was put back is told nothing, until he is refused one for a coach that is lost", async () => {
  const { room, told, withdrawnCoaches, asked, store } = open();
  const refusedAt = (minutes: number) =>
    withdrawnCoaches.noteReseats(other, [
      { orderId, ticketNos: ["T3"], why: "SoldOut", at: epochMs(noon + minutes * minuteMs) },
    ]);
  const lose = async (...lost: readonly (readonly [no: number, minutes: number])[]) =>
    withdrawnCoaches.set(await withdrawnCoaches.version(), {
      runId: other,
      coachNos: [5, 9],
      lost: lost.map(([no, minutes]) => ({ no, since: epochMs(noon + minutes * minuteMs) })),
    });
  await lose([5, 0], [9, 0]);
  await refusedAt(1);
  await lose([9, 0]);
  for (let n = 0; n < 2; n++) await room.tellOfLostSeats();
  expect([told(), asked()]).toEqual([[], 1]);
  await lose([5, 3], [9, 0]);
  await room.tellOfLostSeats();
  expect(told()).toEqual([]);
  await refusedAt(4);
  for (let n = 0; n < 2; n++) await room.tellOfLostSeats();
  await refusedAt(5);
  await room.tellOfLostSeats();
  expect([told(), asked()]).toEqual([["noSeatLeft"], 2]);
  expect(store.all().map(({ at }) => at)).toEqual([epochMs(noon + 3 * minuteMs)]);
});

test("of a seat in a lost coach nothing is told once its train is gone, or once it is forgotten that it was told", async () => {
  const toldAt = async (at: number, departAt = order.trips[1]!.departAt) => {
    const here = open({ ...order, trips: order.trips.map((each) => ({ ...each, departAt })) });
    await here.withdrawnCoaches.set(0, { runId: other, coachNos: [5], lost: [{ no: 5, since: noon }] });
    await here.clock.advance(at - noon);
    const refused = { orderId, ticketNos: ["T3"], why: "SoldOut", at: epochMs(at) };
    await here.withdrawnCoaches.noteReseats(other, [refused]);
    await here.room.tellOfLostSeats();
    return here.told();
  };
  const departure = Date.parse(order.trips[1]!.departAt);
  expect(await toldAt(departure - 1)).toEqual(["noSeatLeft"]);
  expect(await toldAt(departure)).toEqual([]);
  const nextYear = "2027-11-20T08:00:00+08:00";
  expect(await toldAt(noon + 180 * dayMs - 1, nextYear)).toEqual(["noSeatLeft"]);
  expect(await toldAt(noon + 180 * dayMs, nextYear)).toEqual([]);
});

test("an account reads its own, page by page, and says what it has read; another's it cannot touch", async () => {
  const { changed, list, read } = open();
  for (const n of [1, 2, 3]) await changed(change("ticketed", { version: n, at: epochMs(noon + n) }));
  const first = await list(anna, { query: { limit: 2 } });
  expect([first.unread, first.notifications.length]).toEqual([3, 2]);
  const second = await list(anna, { query: { limit: 2, before: first.next! } });
  expect([second.notifications.length, second.next]).toEqual([1, null]);
  expect(await list(bert)).toEqual({ notifications: [], unread: 0, next: null });
  const [newest, middle] = first.notifications as readonly { notificationId: string; place: string }[];
  expect(await read(bert, { notificationIds: [newest!.notificationId], upTo: newest!.place })).toEqual({
    unread: 0,
  } as never);
  expect(await read(anna, { notificationIds: [newest!.notificationId] })).toEqual({ unread: 2 } as never);
  expect(await read(anna, { upTo: middle!.place })).toEqual({ unread: 0 } as never);
  expect((await list(anna)).notifications.map(({ isRead }) => isRead)).toEqual([true, true, true]);
  expect(await list(anna, { query: { limit: 0 } })).toEqual({ notifications: [], unread: 0, next: null });
});

test("what was told long ago is forgotten, some at a time, and the second time there is nothing left", async () => {
  const { room, changed, told, clock } = open();
  await changed(...Array.from({ length: forgottenAtOnce }, (_, n) => change("ticketed", { version: n + 1 })));
  expect(await room.jobs.forget()).toBe(false);
  await clock.advance(180 * dayMs + minuteMs);
  expect([await room.jobs.forget(), await room.jobs.forget()]).toEqual([true, false]);
  expect(told()).toEqual([]);
});

test("I7 where mails are carried, what is told is mailed once to who has proved an address, and to nobody else", async () => {
  const messenger = createMemoryMessenger();
  const here = open(order, messenger);
  await here.changed(change("ticketed"), change("ticketed"));
  await here.changed(change("ticketed"));
  expect(await here.room.mail!()).toBe(false);
  await here.changed(change("ticketed"));
  await here.room.mail!();
  expect(messenger.sent.map(({ channel, to, facts }) => [channel, to, facts["title"]])).toEqual([
    ["mail", "anna@example.com", "购票成功 / Your tickets are booked"],
  ]);
  expect(String(messenger.sent[0]!.facts["text"])).toMatch(/^订单 .*\n\nOrder /s);
  here.addresses.clear();
  await here.changed(change("expired", { version: 9 }));
  await here.room.mail!();
  expect([here.told(), messenger.sent.length]).toEqual([["ticketsBooked", "orderExpired"], 1]);
  const phonesAlone = open(order, createMemoryMessenger(["sms"]));
  await phonesAlone.changed(change("ticketed"));
  expect([phonesAlone.room.mail, phonesAlone.deliveries.all(), phonesAlone.told()]).toEqual([
    null,
    [],
    ["ticketsBooked"],
  ]);
});

test("what is told to an account that was deleted meanwhile is not kept, and what others are told is", async () => {
  const messenger = createMemoryMessenger(["mail"]);
  const { changed, store, deliveries, deleted } = open(order, messenger);
  await changed(change("ticketed"));
  expect([store.all().length, deliveries.all().length]).toEqual([1, 1]);
  deleted.add(bert);
  await changed(change("partReturned", { version: 2 }));
  expect([store.all().length, deliveries.all().length]).toEqual([2, 2]);
  deleted.add(anna);
  await changed(change("allReturned", { version: 3 }));
  expect([store.all(), deliveries.all()]).toEqual([[], []]);
});

test("what is no news any more stands in the message centre, and is not mailed", async () => {
  const messenger = createMemoryMessenger();
  const { room, changed, told } = open(order, messenger);
  await changed(change("ticketed", { at: epochMs(noon - dayMs) }));
  await room.mail!();
  expect([told(), messenger.sent]).toEqual([["ticketsBooked"], []]);
});

test("a mail that nobody takes holds up nothing that is told", async () => {
  const away: Messenger = { channels: ["mail"], send: () => Promise.reject(new Error("away")) };
  const { room, changed, told } = open(order, away);
  await changed(change("ticketed"));
  expect(room.mail!()).rejects.toThrow("nobody takes mails: away");
  await changed(change("expired", { version: 2 }));
  expect(told()).toEqual(["ticketsBooked", "orderExpired"]);
});

test("an account hears that its last mail was refused for good, until one is taken", async () => {
  let isThere = false;
  const messenger: Messenger = {
    channels: ["mail"],
    send: () => (isThere ? Promise.resolve() : Promise.reject(new MessageRefused("550 no such mailbox"))),
  };
  const here = open(order, messenger);
  expect(await here.preferences(anna)).toMatchObject({ refusedAt: null });
  await here.changed(change("ticketed"));
  await here.room.mail!();
  expect(await here.preferences(anna)).toMatchObject({ isMailed: true, refusedAt: "2026-11-20T12:00:00+08:00" });
  isThere = true;
  await here.clock.advance(minuteMs);
  await here.changed(change("expired", { version: 2 }));
  expect(await here.preferences(anna)).toMatchObject({ refusedAt: "2026-11-20T12:00:00+08:00" });
  await here.room.mail!();
  expect(await here.preferences(anna)).toMatchObject({ refusedAt: null });
});

test("an account says what it wants mailed, and hears whether it is mailed at all; a zone that is none changes nothing", async () => {
  const here = open(order, createMemoryMessenger());
  const quiet = { from: "22:00", until: "07:00", zone: "Asia/Shanghai" };
  const chosen: NotificationPreferences = { notMailed: ["orderExpired"], language: "en", quiet };
  expect(await here.preferences(anna)).toMatchObject({ preferences: preferencesDefault, isMailed: true });
  expect(await here.setPreferences(anna, chosen)).toMatchObject({ preferences: chosen });
  expect(await here.setPreferences(anna, { ...chosen, quiet: { ...quiet, zone: "Mars/Olympus" } })).toBe(
    "MalformedRequest",
  );
  const { preferences, kinds } = (await here.preferences(anna)) as {
    readonly preferences: object;
    readonly kinds: readonly { readonly kind: string; readonly isMandatory: boolean }[];
  };
  expect(preferences).toEqual(chosen);
  expect(kinds.filter(({ isMandatory }) => isMandatory).map(({ kind }) => kind)).toEqual([
    "trainCancelled",
    "trainShortened",
    "passwordChanged",
    "noSeatLeft",
  ]);
  expect(await here.preferences(bert)).toMatchObject({ preferences: preferencesDefault, isMailed: false });
  expect(await open().preferences(anna)).toMatchObject({ isMailed: false });
});

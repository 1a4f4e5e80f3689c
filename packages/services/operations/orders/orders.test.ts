/** Staff find orders by what they have of them, read no more of travellers than their role may, and have mails sent once more. */
import { expect, test } from "bun:test";
import type { Handlers, OrdersFound, ordersOperationsRoutes, Role } from "@chepiao/contracts";
import { epochMs, minuteMs, type OrderId, orderNoOf, parseZone, type UserId } from "@chepiao/kernel";
import { createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryDeliveries } from "@chepiao/ports/deliveries";
import { createMemoryNotificationStore } from "@chepiao/ports/notification-store";
import { createMemoryOrderSearch, documentOf } from "@chepiao/ports/order-search";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPaymentStore } from "@chepiao/ports/payment-store";
import { createSeededRandom } from "@chepiao/ports/random";
import { createActs } from "../acts.ts";
import { createOrdersApi } from "./api.ts";

type Api = Handlers<typeof ordersOperationsRoutes>;
type Query = Parameters<Api["orders"]>[0]["query"];

async function world({ hasSearch = true } = {}) {
  const clock = createManualClock(epochMs(Date.parse("2026-12-01T04:00:00Z")));
  const outbox = createMemoryOutbox();
  const orders = createMemoryOrderStore(outbox);
  const [one, other] = [sampleOrder(), sampleOrder({ seats: [1] })];
  await orders.accept([one, other], clock.now());
  const orderSearch = createMemoryOrderSearch();
  for (const { orderId } of [one, other]) await orderSearch.index([documentOf((await orders.load(orderId))!)]);
  const trail = createMemoryAuditTrail();
  const deliveries = createMemoryDeliveries();
  const api = createOrdersApi({
    clock,
    orders,
    deliveries,
    orderSearch: hasSearch ? orderSearch : null,
    payments: createMemoryPaymentStore(outbox),
    notifications: createMemoryNotificationStore(),
    zone: parseZone("Asia/Shanghai")!,
    accounts: {
      accountOf: (name) => (name === "ann" ? one.userId : null),
      documentHash: ({ number }) => (number === "bad" ? null : number),
    },
    acts: createActs({ trail, clock, random: createSeededRandom(1) }),
    actorOf: async ({ userId, role }) => ({ door: "route", who: "staff", userId: userId as UserId, role }),
  });
  const session = (role: Role) => ({ sessionId: "s", userId: 9, role });
  const find = async (query: Query, role: Role = "operator"): Promise<OrdersFound | string> => {
    const answer = await api.orders({ session: session(role), query } as never);
    return answer.ok ? (answer.value.body as OrdersFound) : answer.error.code;
  };
  const numbers = async (query: Query) => {
    const found = await find(query);
    return typeof found === "string" ? found : found.orders.map(({ orderNo }) => orderNo);
  };
  return { api, clock, deliveries, find, numbers, one, orders, other, session, trail };
}

test("an order is found by its number, whole or its beginning, a ticket, an account, a document, a train and day, a state", async () => {
  const { numbers, one, other } = await world();
  const both = [one, other].toSorted((a, b) => b.orderId - a.orderId).map(({ orderNo }) => orderNo);
  const [line] = one.lines;
  expect(await numbers({ orderNo: one.orderNo })).toEqual([one.orderNo]);
  expect(await numbers({ orderNo: "E" + one.orderNo.slice(1, 16) })).toContain(one.orderNo);
  expect(await numbers({ ticketNo: other.tickets[0]!.ticketNo })).toEqual([other.orderNo]);
  expect(await numbers({ account: "ann" })).toContain(one.orderNo);
  expect(await numbers({ document: one.tickets[0]!.documentHash })).toContain(one.orderNo);
  expect(await numbers({ name: one.tickets[0]!.name })).toContain(one.orderNo);
  expect(await numbers({ train: line.trainNumber, date: line.boardingDate })).toEqual(both);
  expect(await numbers({ train: "D9999" })).toEqual([]);
  expect(await numbers({ state: "pendingPayment" })).toEqual(both);
  // Each condition holds, also of an order that was found by its number.
  expect(await numbers({ orderNo: one.orderNo, state: "expired" })).toEqual([]);
  expect(await numbers({ orderNo: orderNoOf(1 as OrderId) })).toEqual([]);
});

test("pages follow each other to the end, in the search and of an account", async () => {
  const { find, one, other } = await world();
  const sameAccount = one.userId === other.userId;
  for (const query of [{ train: one.lines[0].trainNumber }, ...(sameAccount ? [{ account: "ann" }] : [])]) {
    const seen: string[] = [];
    for (let after: string | undefined, n = 0; n < 5; n++) {
      const page = await find({ ...query, limit: 1, ...(after === undefined ? {} : { after }) });
      if (typeof page === "string") throw new Error(page);
      seen.push(...page.orders.map(({ orderNo }) => orderNo));
      if (page.next === null) break;
      after = page.next;
    }
    expect(new Set(seen)).toEqual(new Set([one.orderNo, other.orderNo]));
  }
});

test("who may not read travellers sees how names begin, and finds nobody by a name or a document", async () => {
  const { find, one, trail } = await world();
  const { name } = one.tickets[0]!;
  expect(JSON.stringify(await find({ orderNo: one.orderNo }))).toContain(name);
  const masked = JSON.stringify(await find({ orderNo: one.orderNo }, "finance"));
  expect(masked).not.toContain(name);
  expect(masked).toContain(`${Array.from(name)[0]}**`);
  expect([await find({ name }, "auditor"), await find({ document: "1" }, "finance")]).toEqual([
    "NotAllowed",
    "NotAllowed",
  ]);
  const whats = (await trail.find({ action: "readOrders", limit: 9 })).map(({ what }) => what);
  expect(whats).toHaveLength(2);
  for (const what of whats) expect(what).not.toContain(name);
});

test("what nobody has is said, and a platform without a search still finds by number and account", async () => {
  const { find } = await world();
  expect([await find({ account: "nobody" }), await find({ document: "bad" })]).toEqual([
    "AccountUnknown",
    "DocumentInvalid",
  ]);
  const bare = await world({ hasSearch: false });
  expect(await bare.numbers({ orderNo: bare.one.orderNo })).toEqual([bare.one.orderNo]);
  expect(await bare.numbers({ account: "ann" })).toContain(bare.one.orderNo);
  expect(bare.find({ train: "G1" })).rejects.toThrow("order search is away");
});

test("mails that never came are due once more: tried first, then done, with its reason on the trail", async () => {
  const { api, clock, deliveries, one, session, trail } = await world();
  const key = { userId: one.userId, notificationId: "N1", channel: "mail" as const };
  await deliveries.add([
    { ...key, kind: "ticketsBooked", facts: { orderNo: one.orderNo, trips: [] }, at: clock.now() },
  ]);
  const [claimed] = await deliveries.claim({ now: clock.now(), until: epochMs(clock.now() + minuteMs), limit: 9 });
  await deliveries.settle(key, claimed!.tries, { state: "bounced", lastError: "550 no such user", at: clock.now() });
  const resend = async (isDryRun: boolean, orderNo: string = one.orderNo) => {
    const body = { reason: "she called", isDryRun };
    const answer = await api.resendOrderMails({ session: session("operator"), params: { orderNo }, body } as never);
    return answer.ok ? answer.value.body : answer.error.code;
  };
  const state = async () => (await deliveries.find({ userId: one.userId, limit: 9 }))[0]!.state;
  expect(await resend(true)).toMatchObject({ count: 1, mails: [{ state: "bounced", error: "550 no such user" }] });
  expect(await state()).toBe("bounced");
  expect(await resend(false)).toMatchObject({ count: 1 });
  expect(await state()).toBe("queued");
  expect(await resend(false)).toMatchObject({ count: 0, mails: [] });
  expect(await resend(true, orderNoOf(1 as OrderId))).toBe("OrderUnknown");
  const acts = await trail.find({ action: "resendNotifications", limit: 9 });
  expect(acts.map(({ reason, isDryRun, end }) => [reason, isDryRun, end?.outcome, end?.after]).toReversed()).toEqual(
    expect.arrayContaining([
      ["she called", true, "done", "1 would be due at once"],
      ["she called", false, "done", "1 are due at once"],
    ]),
  );
});

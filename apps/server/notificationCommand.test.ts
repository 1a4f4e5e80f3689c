/** An operator sees what became of mails to accounts and has some sent again, beside a platform; addresses and names are not shown. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { epochMs, hourMs, minuteMs, orderNoOf, secondMs, type UserId } from "@chepiao/kernel";
import { createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryDeliveries, type DeliveryOutcome, type NewDelivery } from "@chepiao/ports/deliveries";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { mailsShownMax as shownMax } from "@chepiao/services/operations";
import { resendDeliveries } from "./commands/notification/resend.ts";
import { countsOf } from "./commands/notification/waiting.ts";
import { notificationCommand } from "./commands/notification/index.ts";
import type { StoresBeside } from "./commands/stores.ts";
import { auditTrailIn } from "./testing/auditTrail.ts";
import { runInFolder } from "./testing/command.ts";
import { createWorld } from "./testing/world.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const composition = { code: "SMALL", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 2, composition });
cleanUp.defer(world.remove);
const stores = createStores(cleanUp.use(await openSqlite(join(world.dataDir, "chepiao.db"))));
const chepiao = (...args: readonly string[]) => runInFolder(notificationCommand, world.dataDir, args);

const now = epochMs(Date.now());
const order = sampleOrder();
const [anna, bert] = [order.userId, 9 as UserId];
const delivery = (n: number, more: Partial<NewDelivery> = {}): NewDelivery => ({
  userId: anna,
  notificationId: `ticketsBooked:E${n}`,
  channel: "mail",
  kind: "ticketsBooked",
  facts: { orderNo: order.orderNo, trips: [] },
  at: epochMs(now - n * hourMs),
  ...more,
});

await stores.orders.accept([order], now);
await stores.deliveries.add([
  delivery(1),
  delivery(2),
  delivery(3),
  delivery(4, { kind: "orderExpired" }),
  delivery(5, { userId: bert, facts: { orderNo: "E00000000000000007", trips: [] } }),
]);
await stores.deliveries.claim({ now, until: epochMs(now + minuteMs), limit: 4 });
const settle = (n: number, outcome: DeliveryOutcome, userId = anna) =>
  stores.deliveries.settle({ ...delivery(n), userId }, 1, outcome);
await settle(2, { state: "bounced", lastError: "550 no such mailbox", at: now });
await settle(3, { state: "sent", lastError: null, at: now });
await settle(4, { state: "queued", lastError: "452 later", dueAt: epochMs(now + 30 * secondMs) });
await settle(5, { state: "failed", lastError: "nobody answers", at: now }, bert);

async function noted(): Promise<string> {
  return (await auditTrailIn(world.dataDir)).map(({ action, what }) => `${action}: ${what}`).join("\n");
}

test("what became of mails is said in words, by account, order, kind and state, and who looked is noted", async () => {
  const byOrder = await chepiao("list", "--order", order.orderNo);
  expect(byOrder.text.split("\n")).toEqual([
    expect.stringMatching(/ticketsBooked +waits for its first try$/),
    expect.stringMatching(/ticketsBooked +was refused for good at \S+: 550 no such mailbox$/),
    expect.stringMatching(/ticketsBooked +was taken by the mail server at \S+$/),
    expect.stringMatching(/orderExpired +waits until \S+, begun once: 452 later$/),
  ]);
  const failed = await chepiao("list", "--state", "failed", "--json");
  expect(JSON.parse(failed.text)).toMatchObject([
    { account: bert, state: "failed", tries: 1, lastError: "nobody answers" },
  ]);
  expect((await chepiao("list", "--account", String(anna), "--kind", "orderExpired")).text.split("\n")).toHaveLength(1);
  expect((await chepiao("list", "--account", String(anna), "--limit", "2")).text).toContain("Those were 2");
  expect((await chepiao("list", "--account", "777")).text).toContain("There are none");
  expect(await noted()).toContain(`readNotifications: mails of ${order.orderNo}`);
});

test("how many wait is told by the age of what they tell of", async () => {
  expect((await chepiao("waiting")).text).toMatch(/^Mails that wait: 2; the next is due at/);
  expect(JSON.parse((await chepiao("waiting", "--json")).text)).toMatchObject({ waiting: 2, overdue: 1 });
  const at = (ms: number, dueMs: number, tries = 0) => ({ at: epochMs(now - ms), dueAt: epochMs(now + dueMs), tries });
  const { byAge, overdue } = countsOf(
    [at(hourMs, -10 * minuteMs, 3), at(secondMs, -secondMs), at(30 * hourMs, 5)],
    now,
  );
  expect(byAge.map(({ count, tried }) => [count, tried])).toEqual([
    [1, 0],
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 0],
  ]);
  expect(overdue).toBe(1);
});

test("what never came is due once more by a word that says so, and what was sent only where it is named", async () => {
  const trial = await chepiao("resend", "--order", order.orderNo);
  expect(trial.text).toContain("Nothing was done. With --yes 1 would be due at once.");
  expect(await stores.deliveries.find({ state: "bounced", limit: 9 })).toHaveLength(1);
  expect((await chepiao("resend", "--order", order.orderNo, "--yes")).text).toContain("1 are due at once");
  expect(await noted()).toContain("resendNotifications: 1 mails");
  expect((await chepiao("resend", "--order", order.orderNo, "--yes")).text).toContain("None of these has ended");
  expect((await chepiao("resend", "--account", String(anna), "--state", "sent", "--yes")).text).toContain("1 are due");
  expect((await stores.deliveries.find({ userId: anna, limit: 9 })).map(({ state }) => state)).toEqual([
    "queued",
    "queued",
    "queued",
    "queued",
  ]);
});

test("what never came is found behind any number of newer mails, and where there are more than one command takes, it says so", async () => {
  const carla = 10 as UserId;
  const of = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => delivery(from + n, { userId: carla, at: epochMs(now - from - n) }));
  const failed = of(shownMax, 2 * shownMax + 1);
  const deliveries = createMemoryDeliveries();
  await deliveries.add(failed);
  await deliveries.claim({ now, until: epochMs(now + minuteMs), limit: 2 * shownMax });
  for (const each of failed)
    await deliveries.settle(each, 1, { state: "failed", lastError: "nobody answers", at: now });
  await deliveries.add(of(0, shownMax));
  const [auditTrail, clock] = [createMemoryAuditTrail(), createManualClock(now)];
  const beside = { stores: { deliveries }, auditTrail, clock, timetable: { zone: "Asia/Shanghai" } };
  async function resend(): Promise<string> {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    await resendDeliveries(
      beside as unknown as StoresBeside,
      { userId: carla, limit: shownMax },
      { isMeant: true, say },
    );
    return lines.join("\n");
  }
  const first = await resend();
  expect(first).toContain("Those are 500; there may be older ones");
  expect(first).toContain("500 are due at once");
  const second = await resend();
  expect(second).toContain("1 are due at once");
  expect(second).not.toContain("older ones");
  expect(await resend()).toContain("None of these has ended");
});

test("who is asked for nobody, or for what is not there, says so", async () => {
  for (const wrong of [
    ["list"],
    ["resend", "--yes"],
    ["list", "--kind", "birthday"],
    ["list", "--state", "lost"],
    ["list", "--account", "anna"],
    ["list", "--order", "G1"],
    ["waiting", "--account", "7"],
    ["list", "--account", "7", "--yes"],
    ["forget", "--account", "7"],
  ])
    expect([wrong, (await chepiao(...wrong)).exit]).toEqual([wrong, 2]);
  const gone = await chepiao("list", "--order", orderNoOf(77_000 as never));
  expect([gone.exit, gone.text]).toEqual([1, expect.stringMatching(/^There is no E/)]);
  const others = await chepiao("list", "--order", order.orderNo, "--account", "777");
  expect([others.exit, others.text]).toEqual([1, expect.stringContaining(`is of account ${anna}, not of 777`)]);
});

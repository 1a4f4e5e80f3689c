/** The first page says what needs an act, and since when; it is counted once for all who ask within a second. */
import { expect, test } from "bun:test";
import { epochMs, minuteMs, parseZone, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOperationsCounts, type SaidCounts } from "@chepiao/ports/operations-counts";
import { createMemoryOrderSearch, documentOf } from "@chepiao/ports/order-search";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryReconciliationStore } from "@chepiao/ports/reconciliation-store";
import { createMemoryRiskStore } from "@chepiao/ports/risk-store";
import { createMemoryRunStateStore, operatorSays, operatorSource } from "@chepiao/ports/run-states";
import { createOverview, type OverviewDeps } from "./index.ts";

const now = epochMs(Date.parse("2026-12-01T04:00:00Z"));

function world(said: SaidCounts = {}, over: Partial<OverviewDeps> = {}) {
  const clock = createManualClock(now);
  const outbox = createMemoryOutbox();
  const orders = createMemoryOrderStore(outbox);
  const deps: OverviewDeps = {
    clock,
    zone: parseZone("Asia/Shanghai")!,
    counts: createMemoryOperationsCounts(said),
    outbox,
    log: { deadLetters: { list: async () => [{ buriedAt: now } as never] } },
    reconciliation: createMemoryReconciliationStore(),
    risk: createMemoryRiskStore(),
    runStates: createMemoryRunStateStore(),
    orders,
    orderSearch: null,
    ...over,
  };
  const overview = createOverview(deps);
  const matter = async (name: string) => (await overview()).matters.find((each) => each.matter === name)!;
  return { clock, deps, matter, orders, outbox, overview };
}

test("today's numbers, and what waits with its age", async () => {
  const { overview, matter } = world({
    orders: [{ state: "ticketed", orders: 3, tickets: 5 }],
    capturedFen: 900,
    refundedFen: 100,
    waiting: 4,
    refunds: { count: 1_000, oldestAt: epochMs(now - minuteMs) },
  });
  expect((await overview()).today).toEqual({
    date: "2026-12-01",
    orders: [{ state: "ticketed", orders: 3, tickets: 5 }],
    capturedFen: 900,
    refundedFen: 100,
    waiting: 4,
  });
  expect(await matter("failedRefunds")).toEqual({
    matter: "failedRefunds",
    count: 1_000,
    isAtLeast: true,
    since: "2026-12-01T11:59:00+08:00",
  });
  expect(await matter("deadLetters")).toMatchObject({ count: 1, isAtLeast: false });
  expect(await matter("appeals")).toMatchObject({ count: 0, since: null });
});

test("a run that does not run counts while somebody has a ticket for it", async () => {
  const { matter, clock, orders, deps } = world();
  const order = sampleOrder();
  const { runId } = order.lines[0];
  await deps.runStates.read();
  const store = deps.runStates as ReturnType<typeof createMemoryRunStateStore>;
  await store.replace(operatorSource(runId), operatorSays(runId, true, now), now);
  expect(await matter("cancelledRuns")).toMatchObject({ count: 0 });
  await orders.accept([order], now);
  await clock.advance(10 * secondMs);
  expect(await matter("cancelledRuns")).toEqual({
    matter: "cancelledRuns",
    count: 1,
    isAtLeast: false,
    since: "2026-12-01T12:00:00+08:00",
  });
});

test("what cannot be counted is left open, and hides nothing else", async () => {
  const { overview } = world(
    { waiting: 2 },
    { log: { deadLetters: { list: () => Promise.reject(new Error("Kafka is away")) } } },
  );
  const { matters, today } = await overview();
  expect(matters.find(({ matter }) => matter === "deadLetters")).toMatchObject({ count: null, since: null });
  expect([today.waiting, matters.length]).toEqual([2, 7]);
});

test("where orders lie in thousands of tables the search counts those of today", async () => {
  const orderSearch = createMemoryOrderSearch();
  const { overview, orders } = world({ orders: null }, { orderSearch });
  const order = { ...sampleOrder(), acceptedAt: now };
  await orders.accept([order], now);
  await orderSearch.index([documentOf((await orders.load(order.orderId))!)]);
  expect((await overview()).today.orders).toEqual([
    { state: "pendingPayment", orders: 1, tickets: order.tickets.length },
  ]);
});

test("all who ask within a second are told the same, and nobody hears what is older", async () => {
  let asked = 0;
  const counts = createMemoryOperationsCounts();
  const { overview, clock } = world({}, { counts: { ...counts, waitingEntries: async () => ++asked } });
  const told = await Promise.all([overview(), overview(), overview()]);
  expect(told.map(({ today }) => today.waiting)).toEqual([1, 1, 1]);
  await clock.advance(secondMs - 1);
  expect((await overview()).today.waiting).toBe(1);
  await clock.advance(1);
  expect((await overview()).today.waiting).toBe(2);
});

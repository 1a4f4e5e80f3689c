/** The auditor's own eyes on trains that do not run: each rule can fail, and holds where it should. */
import { expect, test } from "bun:test";
import { type HoldCommand, runId } from "@chepiao/contracts";
import { epochMs, type ServiceDate } from "@chepiao/kernel";
import type { OrderChange, OrderRecord } from "@chepiao/ports/order-store";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryRunStateStore, operatorSays, operatorShortens, operatorSource } from "@chepiao/ports/run-states";
import type { SeatStore } from "@chepiao/ports/seat-store";
import type { Life } from "../core/life.ts";
import { createCancelledBook } from "./cancelledBook.ts";
import { cancelledRunsGoBackWhole, endedForCancelledRuns, nobodyIsOnCancelledRuns } from "./cancelledRuns.ts";

const run = runId("G1", "2026-12-01" as ServiceDate);
const life = { name: "order-1.1" } as Life;

/** One ticket of it, as parts say. */
const orderOf = (over: object = {}, ticket: object = {}) =>
  ({
    orderNo: "E1",
    state: "ticketed",
    endedBecause: null,
    lines: [{ line: 0, runId: run, fromStop: 0, toStop: 2, fromStationId: "A" }],
    tickets: [{ ticketNo: "E1-1", line: 0, state: "issued", fareFen: 900, feeFen: null, refundFen: null, ...ticket }],
    ...over,
  }) as unknown as OrderRecord;

async function worldOf() {
  const found: string[] = [];
  const book = createCancelledBook(
    (violation) => void found.push(violation),
    () => orderOf(),
  );
  const kept = book.kept(createMemoryRunStateStore());
  const heard = book.heardBy(life, kept);
  const seats = book.soldBy(life, { hold: async () => [{ ok: true }] } as unknown as SeatStore);
  const store = { ...createMemoryOrderStore(createMemoryOutbox()), change: async () => [true] };
  const orders = book.changedBy(life, store);
  let at = 0;
  return {
    found,
    book,
    heard,
    say: (isCancelled: boolean) =>
      kept.replace(operatorSource(run), operatorSays(run, isCancelled, epochMs(++at)), epochMs(at)),
    shorten: (...skipped: readonly number[]) =>
      kept.replace(operatorSource(run), operatorShortens(run, skipped, epochMs(++at)), epochMs(at)),
    sell: (fromStop = 0, toStop = 2) =>
      seats.hold([{ run: { runId: run }, fromStop, toStop, holdId: 7 } as unknown as HoldCommand], epochMs(0)),
    change: (change: object) =>
      orders.change([{ freedSeats: [], messages: [], ...change } as unknown as OrderChange], epochMs(0)),
  };
}

test("a process sells a train until all in it have heard that it does not run, and nobody does after a quiet moment", async () => {
  const { found, book, heard, say, sell } = await worldOf();
  await say(true);
  await sell();
  await heard.read();
  for (let looks = 0; looks < 5; looks++) await heard.version();
  await sell();
  expect(found).toEqual([]);
  await heard.version();
  await sell();
  expect(found).toEqual([`I2: ${run} is sold to 7 by order-1.1, and does not run`]);
  await say(false);
  await heard.read();
  await sell();
  expect(found).toHaveLength(1);
  await say(true);
  book.settle();
  await sell();
  expect(found).toHaveLength(2);
});

test("of a shortened train the ways beyond are as of a cancelled one, and those within as before", async () => {
  const { found, book, shorten, sell } = await worldOf();
  await shorten(2, 3);
  book.settle();
  await sell(0, 1);
  expect(found).toEqual([]);
  await sell(0, 2);
  expect(found).toHaveLength(1);
  expect(nobodyIsOnCancelledRuns(book, [orderOf()])).toHaveLength(1);
  const within = orderOf({ lines: [{ line: 0, runId: run, fromStop: 0, toStop: 1 }] });
  expect(nobodyIsOnCancelledRuns(book, [within])).toEqual([]);
  // Who goes within has nothing back by himself.
  const back = { ...within, tickets: [{ ...within.tickets[0]!, state: "refunding" as const, feeFen: 0 as never }] };
  expect(cancelledRunsGoBackWhole(book, [back], { givenBack: new Set() }, { refunds: [] })).toHaveLength(1);
});

test("nobody pays a fee for what does not run, and nobody is refunded for what was restored", async () => {
  const { found, book, say, change } = await worldOf();
  const back = { state: "refunding", feeFen: 45, refundFen: 855 };
  await say(true);
  await change({ order: orderOf({}, back) });
  expect(found).toEqual([]);
  book.settle();
  await change({ order: orderOf({}, back) });
  expect(found).toEqual([`I3: E1-1 is given back with a fee, and ${run} does not run`]);
  await say(false);
  const runRefund = { runId: run, ticketCount: 1, amountFen: 900 };
  await change({ order: orderOf(), runRefund });
  book.settle();
  await change({ order: orderOf(), runRefund });
  expect(found.slice(1)).toEqual([`I3: E1 is refunded for ${run}, which was restored and runs`]);
});

test("tickets of a cancelled train are back, whole and once, and no others are", async () => {
  const { book, say } = await worldOf();
  const [kept, back] = [orderOf(), orderOf({}, { state: "refunded", feeFen: 0, refundFen: 900 })];
  const refund = { refundNo: "E1-1-back", paymentNo: "P1", amountFen: 900 } as never;
  const told = { givenBack: new Set<string>() };
  const judge = (order: OrderRecord, refunds: readonly never[]) =>
    cancelledRunsGoBackWhole(book, [order], told, { refunds }).length;
  expect([judge(back, [refund]), nobodyIsOnCancelledRuns(book, [kept]).length]).toEqual([1, 0]);
  expect(endedForCancelledRuns(book, [orderOf({ endedBecause: "RunCancelled" })])).toHaveLength(1);
  await say(true);
  expect([judge(back, [refund]), nobodyIsOnCancelledRuns(book, [kept]).length]).toEqual([0, 1]);
  const letOutAt = (stationId: string) => orderOf({}, { state: "used", passages: { leave: { stationId } } });
  expect(["A", "B"].map((at) => nobodyIsOnCancelledRuns(book, [letOutAt(at)]).length)).toEqual([1, 0]);
  expect([judge(back, []), judge(back, [refund, refund])]).toEqual([1, 1]);
  expect(judge(orderOf({}, { state: "refunded", feeFen: 5 }), [refund])).toBe(1);
  told.givenBack.add("E1-1");
  expect(judge(back, [])).toBe(0);
});

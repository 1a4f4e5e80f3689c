/** Whatever is put wrong in a small platform is found, as what it is and as nothing else; what is in line is no case, nor what is on its way. */
import { expect, test } from "bun:test";
import { addDays, epochMs, fen, hourMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { CaseKind } from "@chepiao/ports/reconciliation-store";
import { createPlatformInLine, createSmallPlatform, soldAt, soldDay, ticketFen } from "./books.twin.ts";
import { ownerOf, type Report } from "./index.ts";
import { createJobs } from "./jobs.ts";

type Platform = Awaited<ReturnType<typeof createPlatformInLine>>;

/** Until it has read twice. */
async function reconciled({ room, clock }: Pick<Platform, "clock" | "room">, day = soldDay): Promise<Report> {
  let isOver = false;
  const running = room.reconcile(day).finally(() => (isOver = true));
  for (let waits = 0; !isOver && waits < 60; waits++) await clock.advance(30 * secondMs);
  return (await running)!;
}

const found = ({ inconsistent_details }: Report) =>
  inconsistent_details.map(({ kind, subject }) => `${String(kind)} ${String(subject)}`);

/** Each puts one thing wrong, and says what it is about. */
const planted: Readonly<Record<CaseKind, (platform: Platform) => Promise<string> | string>> = {
  tradeUnheard({ lines, sold }) {
    lines.push({ paymentNo: sold.paymentNo, tradeNo: "T-lost", refundNo: null, amountFen: ticketFen, at: soldAt });
    return "bank T-lost";
  },
  tradeNotStated({ lines, sold }) {
    lines.splice(
      lines.findIndex(({ tradeNo, refundNo }) => tradeNo === sold.tradeNo && refundNo === null),
      1,
    );
    return `bank ${sold.tradeNo}`;
  },
  tradeAmount({ lines, sold }) {
    const at = lines.findIndex(({ tradeNo, refundNo }) => tradeNo === sold.tradeNo && refundNo === null);
    lines[at] = { ...lines[at]!, amountFen: fen(ticketFen + 1) };
    return `bank ${sold.tradeNo}`;
  },
  tradeMisplaced({ lines, sold, other }) {
    const at = lines.findIndex(({ tradeNo, refundNo }) => tradeNo === sold.tradeNo && refundNo === null);
    lines[at] = { ...lines[at]!, paymentNo: other.paymentNo };
    return `bank ${sold.tradeNo}`;
  },
  refundUnknown({ lines, sold }) {
    const { paymentNo, tradeNo } = sold;
    lines.push({ paymentNo, tradeNo, refundNo: "R-by-hand", amountFen: fen(1), at: soldAt });
    return "bank R-by-hand";
  },
  refundNotStated({ lines, refund }) {
    lines.splice(
      lines.findIndex(({ refundNo }) => refundNo === refund.refundNo),
      1,
    );
    return `bank ${refund.refundNo}`;
  },
  refundAmount({ lines, refund }) {
    const at = lines.findIndex(({ refundNo }) => refundNo === refund.refundNo);
    lines[at] = { ...lines[at]!, amountFen: fen(refund.amountFen - 1) };
    return `bank ${refund.refundNo}`;
  },
  async refundUnsettled(platform) {
    const paid = await platform.sell();
    const { refundFen, tickets } = givenBack(paid.order);
    await platform.change(paid.order, "refunded", { tickets });
    const refund = await platform.owe(paid, { amountFen: refundFen, feeFen: fen(0) });
    platform.stateRefund(refund);
    return `bank ${refund.refundNo}`;
  },
  lineRepeated({ lines, sold }) {
    lines.push(lines.find(({ tradeNo }) => tradeNo === sold.tradeNo)!);
    return `bank ${sold.tradeNo}`;
  },
  async statementMissing({ unstated, clock }) {
    unstated.add(soldDay);
    await clock.advance(2 * 24 * hourMs);
    return `bank ${soldDay}`;
  },
  async refundOverdue(platform) {
    const paid = await platform.sell();
    const { refundFen, tickets } = givenBack(paid.order);
    await platform.change(paid.order, "refunded", { tickets });
    const refund = await platform.owe(paid, { amountFen: refundFen, feeFen: fen(0) });
    await platform.clock.advance(24 * hourMs);
    return `bank ${refund.refundNo}`;
  },
  async refundTooMuch(platform) {
    // As if a second part of the money had gone back, and the order knew of it.
    const paid = await platform.sell();
    await platform.giveBack(paid);
    const refund = await platform.owe(paid, { amountFen: fen(0), feeFen: fen(1) });
    await platform.settle(refund);
    return `bank ${paid.tradeNo}`;
  },
  async surplusKept({ receive, state, sold }) {
    const { paymentNo } = sold;
    const tradeNo = await receive(sold.order.orderNo, paymentNo, ticketFen, false);
    state({ paymentNo, tradeNo, refundNo: null, amountFen: ticketFen, at: soldAt });
    return `bank ${tradeNo}`;
  },
  async moneyUnused({ change, sold }) {
    const tickets = sold.order.tickets.map((ticket) => ({ ...ticket, state: "released" as const }));
    await change(sold.order, "expired", { tickets, paymentNo: null });
    return sold.paymentNo;
  },
  async moneyMissing({ change, sold }) {
    const tickets = sold.order.tickets.map((ticket) => ({ ...ticket, fareFen: fen(ticketFen + 100) }));
    await change(sold.order, "ticketed", { tickets });
    return sold.paymentNo;
  },
  async orderUnpaid({ change, order }) {
    const known = await order();
    const tickets = known.tickets.map((ticket) => ({ ...ticket, state: "issued" as const }));
    await change(known, "ticketed", { tickets, paymentNo: "P00011000000999", paidAt: soldAt });
    return known.orderNo;
  },
  async entryUnpaid(platform) {
    const entry = await platform.wait(false);
    const orderNo = entry.captured!.orderNo;
    const [file] = await platform.payments.byOrder(orderNo);
    // All of its money went back, and it waits nevertheless.
    const { paymentNo } = file!.payment;
    const { tradeNo } = file!.trades[0]!;
    const paid = { order: { orderNo } as never, paymentNo, tradeNo };
    const refund = await platform.owe(paid, { amountFen: ticketFen, feeFen: fen(0) });
    await platform.settle(refund);
    platform.stateRefund(refund);
    return orderNo;
  },
};

function givenBack({ tickets }: Platform["sold"]["order"]) {
  const back = { state: "refunded", feeFen: fen(0), refundFen: ticketFen } as const;
  return { refundFen: ticketFen, tickets: tickets.map((ticket) => ({ ...ticket, ...back })) };
}

test("I3: a platform that is in line has no case, and its day closes to the fen", async () => {
  const platform = await createPlatformInLine();
  const report = await reconciled(platform);
  expect(found(report)).toEqual([]);
  expect(report).toMatchObject({ inconsistent_count: 0, auto_fixed_count: 0, manual_fix_count: 0 });
  const { captured_fen, captured_stated_fen, refunded_fen, refunded_stated_fen } = report.totals;
  expect(captured_fen).toBe(6 * ticketFen);
  expect([captured_stated_fen, refunded_stated_fen]).toEqual([captured_fen!, refunded_fen!]);
  expect(report.totals).toMatchObject({ prepaid_fen: ticketFen, fees_fen: 500, refunded_fen: 19_500 });
  // Six orders and the payments of five: what was sold on the day after is left out.
  expect(report.total_checked).toBe(11);
});

for (const [kind, plant] of Object.entries(planted))
  test(`I3: of one ${kind} there is one case, and no other`, async () => {
    const platform = await createPlatformInLine();
    const subject = await plant(platform);
    const report = await reconciled(platform);
    expect(found(report)).toEqual([`${kind} ${subject}`]);
    const [open, ...others] = await platform.store.open(10);
    expect(open).toMatchObject({ kind, subject, state: "open", scope: soldDay });
    expect(others).toEqual([]);
    expect(report.inconsistent_details[0]).toMatchObject({ owner: ownerOf[kind as CaseKind], action: "open" });
  });

test("a case is gone once a later run does not find it any more, and comes again as the same", async () => {
  const platform = await createPlatformInLine();
  const { lines, store, clock } = platform;
  await planted.tradeUnheard(platform);
  await reconciled(platform);
  const [open] = await store.open(10);
  const line = lines.pop()!;
  await clock.advance(hourMs);
  const report = await reconciled(platform);
  expect(report).toMatchObject({ inconsistent_count: 0, auto_fixed_count: 1, manual_fix_count: 0 });
  expect(report.inconsistent_details[0]).toMatchObject({ case_id: open!.caseId, action: "auto_fixed" });
  expect(await store.open(10)).toEqual([]);
  expect(await store.find(open!.caseId)).toMatchObject({ state: "gone", firstSeenAt: open!.firstSeenAt });
  lines.push(line);
  await reconciled(platform);
  expect(await store.open(10)).toMatchObject([{ caseId: open!.caseId, firstSeenAt: open!.firstSeenAt, endedAt: null }]);
});

test("what an operator settles stays settled for as long as it is as it was", async () => {
  const platform = await createPlatformInLine();
  const { lines, store, room } = platform;
  await planted.refundUnknown(platform);
  await reconciled(platform);
  const [open] = await store.open(10);
  expect(await room.settle("NOSUCHCASE", "why")).toBe(false);
  expect(await room.settle(open!.caseId, "given back at the counter")).toBe(true);
  expect(await room.settle(open!.caseId, "again")).toBe(false);
  const report = await reconciled(platform);
  expect(report).toMatchObject({ inconsistent_count: 1, manual_fix_count: 0 });
  expect(await store.find(open!.caseId)).toMatchObject({ state: "settled", reason: "given back at the counter" });
  lines[lines.length - 1] = { ...lines.at(-1)!, amountFen: fen(2) };
  await reconciled(platform);
  expect(await store.open(10)).toMatchObject([{ caseId: open!.caseId, state: "open", reason: null }]);
});

test("a difference that the second reading does not find is no case, and does not end one", async () => {
  const platform = await createPlatformInLine();
  const { lines, store, clock, room } = platform;
  await planted.tradeUnheard(platform);
  const passing = room.reconcile(soldDay);
  await clock.advance(secondMs);
  const line = lines.pop()!;
  await clock.advance(minuteMs);
  expect(found((await passing)!)).toEqual([]);
  lines.push(line);
  await reconciled(platform);
  const again = room.reconcile(soldDay);
  await clock.advance(secondMs);
  lines.pop();
  await clock.advance(minuteMs);
  await again;
  expect(await store.open(10)).toHaveLength(1);
});

test("a day under way is looked at up to the watermark: what is younger may be on its way", async () => {
  const platform = createSmallPlatform();
  const { clock, lines, store } = platform;
  await platform.sell();
  const today = addDays(soldDay, 1);
  const young = epochMs(clock.now() - 5 * minuteMs);
  const line = { paymentNo: "P00010000001", tradeNo: "T-young", refundNo: null, amountFen: ticketFen, at: young };
  lines.push(line);
  await platform.receive(...(await openedFor(platform, young)), ticketFen, true, young);
  expect(found(await reconciled(platform, today))).toEqual([]);
  await clock.advance(20 * minuteMs);
  const report = await reconciled(platform, today);
  expect(new Set(found(report).map((each) => each.split(" ")[0]))).toEqual(
    new Set(["tradeUnheard", "tradeNotStated", "moneyUnused"]),
  );
  expect(await platform.room.reconcile(addDays(today, 1))).toBeNull();
  expect(await store.reports(addDays(today, 1), 1)).toEqual([]);
});

async function openedFor(platform: Pick<Platform, "open" | "order">, at: typeof soldAt) {
  const order = await platform.order([1], at);
  return [order.orderNo, await platform.open(order, ticketFen)] as const;
}

test("money that the payment room will still ask its provider about is not missing yet", async () => {
  const platform = await createPlatformInLine();
  const { clock, payments, sold } = platform;
  await planted.tradeUnheard(platform);
  await payments.polled(sold.paymentNo, epochMs(clock.now() + hourMs));
  expect(found(await reconciled(platform))).toEqual([]);
  await clock.advance(2 * hourMs);
  expect(found(await reconciled(platform))).toEqual(["tradeUnheard bank T-lost"]);
});

test("a refund that took its time is on the statement of a day before", async () => {
  const platform = await createPlatformInLine();
  const paid = await platform.sell(epochMs(soldAt - 24 * hourMs));
  const { tickets } = givenBack(paid.order);
  await platform.change(paid.order, "refunded", { tickets });
  const refund = await platform.owe(paid, { amountFen: ticketFen, feeFen: fen(0) }, epochMs(soldAt - 24 * hourMs));
  platform.stateRefund(refund, epochMs(soldAt - 23 * hourMs));
  await platform.settle(refund);
  expect(found(await reconciled(platform))).toEqual([]);
});

test("where a statement is not there yet, cases that were found on one before stay open", async () => {
  const platform = await createPlatformInLine();
  await planted.tradeUnheard(platform);
  await reconciled(platform);
  platform.unstated.add(soldDay);
  const report = await reconciled(platform);
  expect(report).toMatchObject({ statements_missing: ["bank"], auto_fixed_count: 0 });
  expect(await platform.store.open(10)).toHaveLength(1);
});

test("every night the day before is reconciled once, days with open cases again, and one without its statement every hour", async () => {
  const platform = await createPlatformInLine();
  const { clock, store, room, unstated } = platform;
  const days: string[] = [];
  const reconcile = async (day: typeof soldDay) => {
    days.push(day);
    return reconciled(platform, day);
  };
  const zone = "Asia/Shanghai" as never;
  const { reconcileNightly } = createJobs({ clock, store, zone, reconcile, atMinute: 4 * 60, log: () => {} });
  const night = async () => {
    days.length = 0;
    while (await reconcileNightly());
    return [...days];
  };
  expect(room).toBeDefined();
  // It is three o'clock.
  expect(await night()).toEqual([]);
  await clock.advance(hourMs);
  unstated.add(soldDay);
  expect(await night()).toEqual([soldDay, addDays(soldDay, -34)]);
  expect(await night()).toEqual([]);
  await clock.advance(2 * hourMs);
  unstated.delete(soldDay);
  await planted.tradeUnheard(platform);
  expect(await night()).toEqual([soldDay]);
  expect(await night()).toEqual([]);
  await clock.advance(24 * hourMs);
  const next = addDays(soldDay, 1);
  expect(await night()).toEqual([next, soldDay, addDays(next, -34)]);
});

test("a difference that another day finds is the same case, open and told, and gone only once its payment is in line", async () => {
  const platform = await createPlatformInLine();
  const { change, clock, owe, room, settle, sold, store, stateRefund } = platform;
  // A part went back by hand while the ticket stayed valid: on the day, and another part on the next.
  const part = async (at: typeof soldAt) => {
    const refund = await owe(sold, { amountFen: fen(2_500), feeFen: fen(0) }, at);
    await settle(refund, at);
    stateRefund(refund, at);
  };
  await part(soldAt);
  await reconciled(platform);
  const [open] = await store.open(10);
  expect(open).toMatchObject({ kind: "moneyMissing", subject: sold.paymentNo, facts: { diffFen: -2_500 } });
  expect(await room.settle(open!.caseId, "a favour")).toBe(true);

  await clock.advance(24 * hourMs);
  const next = addDays(soldDay, 1);
  await part(epochMs(soldAt + 24 * hourMs));
  const grown = await reconciled(platform, next);
  expect(grown).toMatchObject({ inconsistent_count: 1, manual_fix_count: 1 });
  const again = { caseId: open!.caseId, scope: next, state: "open", facts: { diffFen: -5_000 } };
  expect(await store.open(10)).toMatchObject([again]);
  expect(await reconciled(platform)).toMatchObject({ manual_fix_count: 1, auto_fixed_count: 0 });

  await change(sold.order, "refunded", {
    tickets: sold.order.tickets.map((ticket) => ({
      ...ticket,
      state: "refunded" as const,
      feeFen: fen(5_000),
      refundFen: fen(5_000),
    })),
  });
  expect(await reconciled(platform)).toMatchObject({ manual_fix_count: 0, auto_fixed_count: 1 });
  expect(await store.open(10)).toEqual([]);
});

test("a case is not gone because its payment is of that day no more", async () => {
  const platform = await createPlatformInLine();
  const { clock, change, owe, payments, sold, store } = platform;
  const next = addDays(soldDay, 1);
  await clock.advance(24 * hourMs);
  const noon = epochMs(soldAt + 24 * hourMs);
  const refund = await owe(sold, { amountFen: fen(2_500), feeFen: fen(0) }, noon);
  await reconciled(platform, next);
  expect(await store.open(10)).toMatchObject([{ kind: "moneyMissing", scope: next }]);
  // A try of the day after: nothing of the payment is of the day of the case now.
  await payments.postpone(refund, epochMs(noon + 24 * hourMs));
  expect(await reconciled(platform, next)).toMatchObject({ manual_fix_count: 1, auto_fixed_count: 0 });
  await change(sold.order, "ticketed", {
    tickets: sold.order.tickets.map((ticket) => ({ ...ticket, fareFen: fen(ticketFen - 2_500) })),
  });
  expect(await reconciled(platform, next)).toMatchObject({ manual_fix_count: 0, auto_fixed_count: 1 });
});

test("a difference whose case cannot be written is told all the same", async () => {
  const platform = await createPlatformInLine();
  await planted.tradeUnheard(platform);
  platform.store.change = async () => false;
  expect(await reconciled(platform)).toMatchObject({ inconsistent_count: 1, manual_fix_count: 1 });
});

test("a refund that never ends is found, though each try is of another day than the sale", async () => {
  const platform = await createPlatformInLine();
  const { change, clock, owe, payments } = platform;
  const paid = await platform.sell();
  await clock.advance(3 * 24 * hourMs);
  const { tickets, refundFen } = givenBack(paid.order);
  await change(paid.order, "refunded", { tickets });
  const refund = await owe(paid, { amountFen: refundFen, feeFen: fen(0) }, clock.now());
  for (let hours = 0; hours < 40; hours++) {
    await clock.advance(hourMs);
    await payments.postpone(refund, clock.now());
  }
  const yesterday = addDays(soldDay, 4);
  expect(found(await reconciled(platform, yesterday))).toEqual([`refundOverdue bank ${refund.refundNo}`]);
  await platform.settle(refund, clock.now());
  platform.stateRefund(refund, clock.now());
  expect(await reconciled(platform, yesterday)).toMatchObject({ manual_fix_count: 0, auto_fixed_count: 1 });
});

test("an order whose message to the payment room takes some minutes is no case; one that stays is", async () => {
  const platform = await createPlatformInLine();
  const { change, clock, sold } = platform;
  const startedAt = clock.now();
  const { refundFen, tickets } = givenBack(sold.order);
  await change(sold.order, "refunded", { tickets: tickets.map((ticket) => ({ ...ticket, feeFen: fen(0) })) });
  const running = reconciled(platform);
  for (let turns = 0; turns < 100_000 && clock.now() < startedAt + 5 * minuteMs; turns++) await Promise.resolve();
  await platform.owe(sold, { amountFen: refundFen, feeFen: fen(0) }, clock.now());
  expect(found(await running)).toEqual([]);

  await planted.moneyMissing({ ...platform, sold: platform.other });
  expect(found(await reconciled(platform))).toEqual([`moneyMissing ${platform.other.paymentNo}`]);
});

test("a statement that throws, or that says what is none, is one that is not there yet", async () => {
  for (const broken of [
    async () => Promise.reject(new Error("no answer")),
    async () => [{ paymentNo: "P".repeat(10_000), tradeNo: "T", refundNo: null, amountFen: fen(1), at: soldAt }],
    async () => [{ paymentNo: "P", tradeNo: "T", refundNo: null, amountFen: 0.5 as never, at: soldAt }],
    async () => [null as never],
  ]) {
    const platform = await createPlatformInLine();
    platform.bank.statement = broken;
    const report = await reconciled(platform);
    expect(report).toMatchObject({ statements_missing: ["bank"], inconsistent_count: 0 });
  }
});

test("a statement of a day before that cannot be read makes no case of a refund that it may have", async () => {
  const platform = await createPlatformInLine();
  const { bank } = platform;
  const before = epochMs(soldAt - 24 * hourMs);
  const paid = await platform.sell(before);
  await platform.change(paid.order, "refunded", { tickets: givenBack(paid.order).tickets });
  const refund = await platform.owe(paid, { amountFen: ticketFen, feeFen: fen(0) }, before);
  await platform.settle(refund);
  const { statement } = bank;
  bank.statement = async (day) => (day === soldDay ? statement(day) : Promise.reject(new Error("no answer")));
  expect(await reconciled(platform)).toMatchObject({ statements_missing: ["bank"], inconsistent_count: 0 });
  bank.statement = statement;
  expect(found(await reconciled(platform))).toEqual([`refundNotStated bank ${refund.refundNo}`]);
});

test("very many differences of a kind are one case, with their number and their sum", async () => {
  const platform = await createPlatformInLine();
  const { lines, store } = platform;
  const count = 1_001;
  const line = { paymentNo: platform.sold.paymentNo, refundNo: null, amountFen: fen(2), at: soldAt };
  for (let n = 0; n < count; n++) lines.push({ ...line, tradeNo: `T-lost-${n}` });
  const report = await reconciled(platform);
  expect(report.inconsistent_details).toMatchObject([
    { kind: "tradeUnheard", subject: `bank ${soldDay}`, count, stated_fen: 2 * count, books_fen: 0 },
  ]);
  lines.pop();
  const each = await reconciled(platform);
  expect(each).toMatchObject({ manual_fix_count: count - 1, auto_fixed_count: 1, inconsistent_details_left_off: 1 });
  expect(await store.open(2_000)).toHaveLength(count - 1);
});

test("a day that cannot be reconciled keeps no other waiting, and nights that were missed are made up", async () => {
  const platform = await createPlatformInLine();
  const { clock, store } = platform;
  const zone = "Asia/Shanghai" as never;
  const days: string[] = [];
  const failing = new Set<string>();
  const reconcile = async (day: typeof soldDay) => {
    days.push(day);
    if (failing.has(day)) throw new Error("the bank is away");
    return reconciled(platform, day);
  };
  const { reconcileNightly } = createJobs({ clock, store, zone, reconcile, atMinute: 4 * 60, log: () => {} });
  const night = async () => {
    days.length = 0;
    while (await reconcileNightly());
    return [...days];
  };
  await clock.advance(2 * hourMs);
  await night();
  const [first, second, third] = [1, 2, 3].map((n) => addDays(soldDay, n)) as [
    typeof soldDay,
    typeof soldDay,
    typeof soldDay,
  ];
  // Nobody was there for two nights; and then one of the days fails.
  failing.add(third);
  await clock.advance(3 * 24 * hourMs);
  expect(await night()).toEqual([third, first, second, addDays(third, -34)]);
  expect(await night()).toEqual([]);
  await clock.advance(10 * minuteMs);
  expect(await night()).toEqual([third]);
  failing.clear();
  await clock.advance(24 * hourMs);
  expect((await night()).slice(0, 2)).toEqual([addDays(third, 1), third]);
});

test("the job keeps nobody waiting until the watermark: a later pass reads again", async () => {
  const platform = await createPlatformInLine();
  const { clock, room, store } = platform;
  await planted.moneyMissing(platform);
  const reconcile = room.reconcileInPasses;
  const zone = "Asia/Shanghai" as never;
  const { reconcileNightly } = createJobs({ clock, store, zone, reconcile, atMinute: 0, log: () => {} });
  while (await reconcileNightly());
  expect([await store.open(10), await store.reports(soldDay, 1)]).toEqual([[], []]);
  await clock.advance(10 * minuteMs);
  expect(await reconcileNightly()).toBe(true);
  expect(await store.open(10)).toMatchObject([{ kind: "moneyMissing" }]);
});

/**
 * A small platform whose books, orders and statements are in line, for tests to put something wrong into: it writes rows as the rooms
 * that own them do, and the bank's lines beside them.
 */
import { firstRunOf } from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  type EpochMs,
  epochMs,
  type Fen,
  fen,
  hourMs,
  minuteMs,
  orderNoOf,
  secondMs,
  type ServiceDate,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import type { StatementLine } from "@chepiao/ports/payment-provider";
import { createMemoryPaymentStore, moneyVersion, paymentNoOf, type Refund } from "@chepiao/ports/payment-store";
import { createMemoryReconciliationStore } from "@chepiao/ports/reconciliation-store";
import { createMemoryWaitlistStore, type WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { createReconciliation } from "./index.ts";

export const zone = "Asia/Shanghai" as ZoneName;
export const channel = "bank";
/** Noon of the day that is reconciled. */
export const soldAt: EpochMs = sampleNow;
export const soldDay: ServiceDate = dateIn(zone, soldAt);
export const ticketFen = fen(10_000);
export const feeFen = fen(500);

export type Paid = { readonly order: OrderRecord; readonly paymentNo: string; readonly tradeNo: string };

export function createSmallPlatform(rowsFrom = 1) {
  const clock = createManualClock(epochMs(soldAt + 15 * hourMs));
  const outbox = createMemoryOutbox();
  const orders = createMemoryOrderStore(outbox);
  const payments = createMemoryPaymentStore(outbox);
  const waitlist = createMemoryWaitlistStore(outbox);
  const store = createMemoryReconciliationStore();
  const lines: StatementLine[] = [];
  const unstated = new Set<ServiceDate>();
  let rows = rowsFrom;

  const bank = {
    channel,
    statement: async (day: ServiceDate) =>
      unstated.has(day) ? null : lines.filter(({ at }) => dateIn(zone, at) === day),
  };

  async function order(seats: readonly number[] = [++rows], at = soldAt): Promise<OrderRecord> {
    const accepted = sampleOrder({ userId: ++rows, train: `G${rows}`, seats, acceptedAt: at });
    await orders.accept([accepted], at);
    return (await orders.load(accepted.orderId))!;
  }

  async function change(
    known: OrderRecord,
    state: OrderRecord["state"],
    over: Partial<OrderRecord> = {},
  ): Promise<OrderRecord> {
    const { version } = (await orders.load(known.orderId))!;
    await orders.change([{ order: { ...known, ...over, state, version }, freedSeats: [], messages: [] }], soldAt);
    return (await orders.load(known.orderId))!;
  }

  /** What of an order's money is written, and nothing else. */
  async function open(
    of: Pick<OrderRecord, "orderNo" | "userId" | "lines">,
    amountFen: Fen,
    purpose = "order" as const,
  ) {
    const paymentNo = paymentNoOf(of.userId, 1_000_000 + ++rows);
    const { orderNo, userId } = of;
    const wanted = { paymentNo, orderNo, purpose, runId: firstRunOf(of), userId, channel, amountFen };
    await payments.open({ ...wanted, payBy: epochMs(soldAt + 15 * minuteMs), pollAt: soldAt }, soldAt);
    await payments.polled(paymentNo, null);
    return paymentNo;
  }

  async function receive(
    orderNo: OrderRecord["orderNo"],
    paymentNo: string,
    amountFen: Fen,
    paysOrder = true,
    at = soldAt,
  ) {
    const files = await payments.byOrder(orderNo);
    const { payment } = files.find((file) => file.payment.paymentNo === paymentNo)!;
    const tradeNo = `T${++rows}`;
    await payments.change(
      {
        payment: { ...payment, state: paysOrder ? "captured" : payment.state },
        moneyVersion: moneyVersion(files),
        trade: { tradeNo, amountFen, paidAt: at, paysOrder },
        refund: null,
        messages: [],
      },
      at,
    );
    return tradeNo;
  }

  const state = (line: StatementLine) => void lines.push(line);

  async function owe({ order: { orderNo }, paymentNo, tradeNo }: Paid, over: Partial<Refund> = {}, at = soldAt) {
    const files = await payments.byOrder(orderNo);
    const { payment } = files.find((file) => file.payment.paymentNo === paymentNo)!;
    const { runId } = payment;
    const refund: Refund = {
      refundNo: `R${++rows}`,
      paymentNo,
      orderNo,
      runId,
      channel,
      tradeNo,
      ticketNo: null,
      attempts: 0,
      state: "due",
      amountFen: fen(ticketFen - feeFen),
      feeFen,
      reason: "ticketReturned",
      ...over,
    };
    await payments.change({ payment, moneyVersion: moneyVersion(files), trade: null, refund, messages: [] }, at);
    return refund;
  }

  const settle = (refund: Refund, at = soldAt) =>
    payments.settle({ refund: { ...refund, state: "settled" }, messages: [] }, at);
  const stateRefund = ({ paymentNo, tradeNo, refundNo, amountFen }: Refund, at = soldAt) =>
    state({ paymentNo, tradeNo, refundNo, amountFen, at });

  return {
    clock,
    orders,
    payments,
    waitlist,
    store,
    lines,
    unstated,
    bank,
    order,
    change,
    open,
    receive,
    state,
    owe,
    settle,
    stateRefund,
    room: createReconciliation({
      clock,
      store,
      orders,
      payments,
      waitlist,
      zone,
      providers: [bank],
      watermarkMs: 10 * minuteMs,
      confirmAfterMs: 30 * secondMs,
      log: () => {},
    }),
    async sell(at = soldAt): Promise<Paid> {
      const known = await order([++rows], at);
      const paymentNo = await open(known, ticketFen);
      const tradeNo = await receive(known.orderNo, paymentNo, ticketFen, true, at);
      state({
        paymentNo,
        tradeNo,
        refundNo: null,
        amountFen: ticketFen,
        at,
      });
      const tickets = known.tickets.map((ticket) => ({
        ...ticket,
        state: "issued" as const,
      }));
      return {
        order: await change(known, "ticketed", {
          paymentNo,
          paidAt: at,
          tickets,
        }),
        paymentNo,
        tradeNo,
      };
    },
    async giveBack(paid: Paid): Promise<Refund> {
      const back = {
        state: "refunded",
        feeFen,
        refundFen: fen(ticketFen - feeFen),
      } as const;
      await change(paid.order, "refunded", {
        tickets: paid.order.tickets.map((ticket) => ({
          ...ticket,
          ...back,
        })),
      });
      const refund = await owe(paid);
      await settle(refund);
      stateRefund(refund);
      return refund;
    },
    async exchange(paid: Paid): Promise<OrderRecord> {
      const next = await order([++rows], epochMs(soldAt + minuteMs));
      const changed = {
        state: "changed",
        feeFen: fen(0),
        refundFen: fen(0),
        replacedBy: next.orderNo,
      } as const;
      await change(paid.order, "changed", {
        tickets: paid.order.tickets.map((ticket) => ({
          ...ticket,
          ...changed,
        })),
      });
      const tickets = next.tickets.map((ticket) => ({
        ...ticket,
        state: "issued" as const,
      }));
      return change(next, "ticketed", {
        paymentNo: paid.paymentNo,
        paidAt: soldAt,
        tickets,
      });
    },
    async wait(isPaying = true): Promise<WaitlistRecord> {
      const like = sampleOrder({
        userId: ++rows,
        train: `G${rows}`,
        acceptedAt: soldAt,
      });
      const { orderId: entryId, orderNo, userId } = like;
      const paymentNo = await open(like, ticketFen, "waitlist" as "order");
      const tradeNo = await receive(orderNo, paymentNo, ticketFen, isPaying);
      state({
        paymentNo,
        tradeNo,
        refundNo: null,
        amountFen: ticketFen,
        at: soldAt,
      });
      const captured = {
        paymentNo,
        orderNo: orderNoOf(entryId),
        amountFen: ticketFen,
        capturedAt: soldAt,
        mac: "",
      };
      const entry = waitingEntry(entryId, userId, captured);
      await waitlist.add(entry, 10);
      return entry;
    },
    nextNo: (letter: string) => `${letter}${++rows}`,
  };
}

function waitingEntry(
  entryId: WaitlistRecord["entryId"],
  userId: UserId,
  captured: WaitlistRecord["captured"],
): WaitlistRecord {
  return {
    entryId,
    userId,
    captured,
    state: "waiting",
    version: 0,
    passengers: [],
    choices: [],
    acceptsStanding: false,
    addedTrains: null,
    policyVersion: 1,
    endBy: null,
    deadlineMinutes: 60,
    prepayFen: ticketFen,
    prepayBy: soldAt,
    place: 1,
    granted: null,
    grantCount: 0,
    idempotencyKey: `entry ${entryId}`,
    requestHash: "",
    createdAt: soldAt,
    endedBecause: null,
    endedAt: null,
    nextAt: null,
  };
}

/** Enough of everything that happens, all of it in line. */
export async function createPlatformInLine() {
  const platform = createSmallPlatform();
  const sold = await platform.sell();
  const other = await platform.sell();
  const returned = await platform.sell();
  const refund = await platform.giveBack(returned);
  const exchanged = await platform.sell();
  await platform.exchange(exchanged);
  await platform.change(await platform.order(), "expired");
  // A payer who pays twice has the second payment back.
  const surplusNo = await platform.receive(sold.order.orderNo, sold.paymentNo, ticketFen, false);
  platform.state({
    paymentNo: sold.paymentNo,
    tradeNo: surplusNo,
    refundNo: null,
    amountFen: ticketFen,
    at: soldAt,
  });
  const whole = { amountFen: ticketFen, feeFen: fen(0), reason: "duplicatePayment" } as const;
  const surplus = await platform.owe({ ...sold, tradeNo: surplusNo }, whole);
  await platform.settle(surplus);
  platform.stateRefund(surplus);
  const entry = await platform.wait();
  // Sold on the day after, and none of it is looked at.
  await platform.sell(epochMs(soldAt + 24 * hourMs - minuteMs));
  return { ...platform, sold, other, returned, refund, exchanged, entry, dayAfter: addDays(soldDay, 1) };
}

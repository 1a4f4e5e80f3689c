/** A payment room in a small world for its tests: a bank in memory, and an order room that answers as told and keeps what it hears. */
import { type OrderClient, type PaymentNotice, refusal, type RefundDue, runId } from "@chepiao/contracts";
import {
  createIdSource,
  epochMs,
  fen,
  minuteMs,
  ok,
  type OrderNo,
  orderNoOf,
  refuse,
  serviceDate,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryProvider } from "@chepiao/ports/payment-provider";
import { createMemoryPaymentStore, type PaymentStore } from "@chepiao/ports/payment-store";
import { createPayment } from "./index.ts";

export const amount = fen(55_300);

export function createWorld(change: { store?: (store: PaymentStore) => PaymentStore } = {}) {
  const clock = createManualClock(epochMs(Date.UTC(2026, 10, 1)));
  const outbox = createMemoryOutbox();
  const memoryStore = createMemoryPaymentStore(outbox);
  const store = change.store?.(memoryStore) ?? memoryStore;
  const bank = createMemoryProvider("memory");
  const otherBank = createMemoryProvider("other");
  const ids = createIdSource(1);
  const lines: string[] = [];
  const owners = new Map<string, { userId: UserId; payable: boolean }>();

  const orders: OrderClient = {
    async payable(userId, orderNo) {
      const order = owners.get(orderNo);
      if (order?.userId !== userId) return refuse(refusal("OrderUnknown"));
      if (!order.payable) return refuse(refusal("OrderNotPayable"));
      return ok({
        orderNo: orderNo as OrderNo,
        userId,
        runId: runId("G1", serviceDate("2026-12-01")),
        totalFen: amount,
        payBy: epochMs(start + 15 * minuteMs),
        subject: "G1",
      });
    },
    isLive: async () => true,
  };
  const start = clock.now();
  const room = createPayment({
    store,
    providers: [bank, otherBank],
    orders,
    clock,
    ids,
    zone: "Asia/Shanghai" as ZoneName,
    publicUrl: (request) => new URL(request.url).origin,
    noticeUrl: () => "http://localhost:8080",
    kickOutbox: () => {},
    log: (line) => lines.push(line),
  });

  const callOf = (userId: number, site = "https://site.example/") => ({
    query: undefined,
    session: { sessionId: "S", userId, role: "passenger" as const },
    idempotencyKey: undefined,
    language: "zh" as const,
    traceId: "t",
    clientAddress: "127.0.0.1",
    request: new Request(site),
  });
  return {
    clock,
    store,
    bank,
    otherBank,
    room,
    lines,
    owners,
    order(userId = 7 as UserId): OrderNo {
      const orderNo = orderNoOf(ids.orderId(userId, clock.now()));
      owners.set(orderNo, { userId, payable: true });
      return orderNo;
    },
    async pay(orderNo: string, more: { userId?: number; site?: string; channel?: string; returnUrl?: string } = {}) {
      const { userId = 7, site, ...body } = more;
      const answer = await room.handlers.pay({
        ...callOf(userId, site),
        params: undefined,
        body: { orderNo, ...body },
      });
      return answer.ok ? (answer.value.body as import("@chepiao/contracts").Payment) : answer.error.code;
    },
    async status(orderNo: string, userId = 7) {
      const answer = await room.handlers.status({ ...callOf(userId), params: { orderNo }, body: undefined });
      return answer.ok ? (answer.value.body as import("@chepiao/contracts").Payment) : answer.error.code;
    },
    async tell(body: PaymentNotice, channel = "memory") {
      const answer = await room.handlers.callback({ ...callOf(7), session: null, params: { channel }, body });
      return answer.ok ? answer.value.status : answer.error.code;
    },
    ask: (due: RefundDue) => room.consumers["payment-refund-topic"]([due]),
    async heard(topic: "order-pay-topic" | "payment-settled-topic") {
      const waiting = await outbox.pending(epochMs(Number.MAX_SAFE_INTEGER), 10_000);
      return waiting.map(({ record }) => record).filter((record) => record.topic === topic);
    },
  };
}

export const dueFor = (
  payment: { paymentNo: string; orderNo: string },
  change: Partial<RefundDue> = {},
): RefundDue => ({
  refundNo: "R1",
  paymentNo: payment.paymentNo,
  orderNo: payment.orderNo as OrderNo,
  ticketNo: "K1",
  amountFen: fen(20_000),
  feeFen: fen(1_000),
  reason: "ticketReturned",
  ...change,
});

/** Two processes with a payment room in a small world for its tests: banks in memory, and an order room that answers as told and keeps what it hears. */
import { type OrderClient, refusal, type RefundDue, runId } from "@chepiao/contracts";
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
  waitlistNoOf,
  type ZoneName,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryProvider, type RawNotice } from "@chepiao/ports/payment-provider";
import { formNotices } from "@chepiao/ports/payment-provider/formNotices.suite.ts";
import { createMemoryPaymentStore, type PaymentStore } from "@chepiao/ports/payment-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { beginAll } from "@chepiao/room";
import { createPayment, type PaymentRoom } from "./index.ts";

export const amount = fen(55_300);

export function createWorld(change: { store?: (store: PaymentStore) => PaymentStore } = {}) {
  const clock = createManualClock(epochMs(Date.UTC(2026, 10, 1)));
  const outbox = createMemoryOutbox();
  const memoryStore = createMemoryPaymentStore(outbox);
  const store = change.store?.(memoryStore) ?? memoryStore;
  const bank = createMemoryProvider("memory");
  /** Speaks another language: form fields under RSA, answered in plain words. */
  const otherBank = createMemoryProvider("other", formNotices);
  const ids = createIdSource(1);
  const lines: string[] = [];
  const owners = new Map<string, { userId: UserId; payable: boolean }>();

  const payable: OrderClient["payable"] = async (userId, said) => {
    const order = owners.get(said);
    if (order?.userId !== userId) return refuse(refusal(said.startsWith("W") ? "WaitlistUnknown" : "OrderUnknown"));
    if (!order.payable) return refuse(refusal("OrderNotPayable"));
    return ok({
      orderNo: `E${said.slice(1)}` as OrderNo,
      userId,
      runId: runId("G1", serviceDate("2026-12-01")),
      totalFen: amount,
      payBy: epochMs(start + 15 * minuteMs),
      subject: { zh: "G1", en: "G1" },
    });
  };
  const start = clock.now();
  /** A process of its own, on the same books. */
  const openRoom = (): PaymentRoom =>
    createPayment({
      store,
      providers: [bank, otherBank],
      orders: { payable },
      waitlist: { payable },
      clock,
      ids,
      vault: createMemoryVault(),
      zone: "Asia/Shanghai" as ZoneName,
      publicUrl: (request) => new URL(request.url).origin,
      noticeUrl: () => "http://localhost:8080",
      kickOutbox: () => {},
      log: (line) => lines.push(line),
    });
  const room = openRoom();
  const otherRoom = openRoom();

  const callOf = (userId: number, site = "https://site.example/") => ({
    query: undefined,
    session: { sessionId: "S", userId, role: "passenger" as const },
    idempotencyKey: undefined,
    language: "zh" as const,
    traceId: "t",
    clientAddress: "127.0.0.1",
    secure: false,
    request: new Request(site),
  });
  return {
    clock,
    store,
    bank,
    otherBank,
    room,
    otherRoom,
    lines,
    owners,
    order(userId = 7 as UserId): OrderNo {
      const orderNo = orderNoOf(ids.orderId(userId, clock.now()));
      owners.set(orderNo, { userId, payable: true });
      return orderNo;
    },
    /** An entry of the waitlist. */
    entry(userId = 7 as UserId): string {
      const waitlistNo = waitlistNoOf(ids.orderId(userId, clock.now()));
      owners.set(waitlistNo, { userId, payable: true });
      return waitlistNo;
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
    /** The bank posts a notice and hears what became of it. */
    async tell({ headers, body }: RawNotice, channel = "memory", to: PaymentRoom = room) {
      const request = new Request("https://site.example/", { method: "POST", headers: headers as Headers });
      const answer = await to.handlers.callback({
        ...callOf(7),
        session: null,
        params: { channel },
        body,
        request,
      });
      if (!answer.ok) return answer.error.code;
      const { status, body: said, headers: sent } = answer.value;
      const heard = { status, contentType: sent!["content-type"]!, body: said };
      const teller = channel === "other" ? otherBank : bank;
      const outcome = (["received", "refused"] as const).find((each) => Bun.deepEquals(teller.answer(each), heard));
      return outcome ?? JSON.stringify(answer.value);
    },
    ask: (due: RefundDue, of: PaymentRoom = room) =>
      of.consumers[0]!.handle([{ topic: "payment-refund-topic", key: "G1/2026-12-01", value: due }]),
    /** Begins what the room does by itself. */
    begin: () => beginAll(room.work, { clock, report: (message, error) => lines.push(`${message}: ${String(error)}`) }),
    async heard(topic: "order-pay-topic" | "payment-settled-topic" | "waitlist-pay-topic") {
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

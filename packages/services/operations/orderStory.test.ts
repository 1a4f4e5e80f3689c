/** The story of an order says what every room knows of it, in order of time, and names nobody to whom has no right to that. */
import { expect, test } from "bun:test";
import { type EpochMs, epochMs, fen, minuteMs, parseZone } from "@chepiao/kernel";
import { createMemoryDeliveries } from "@chepiao/ports/deliveries";
import { createMemoryNotificationStore } from "@chepiao/ports/notification-store";
import { createMemoryOrderStore, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPaymentStore, paymentNoOf } from "@chepiao/ports/payment-store";
import { storyOf } from "./orderStory.ts";

const zone = parseZone("Asia/Shanghai")!;
const order = sampleOrder();
const after = (minutes: number): EpochMs => epochMs(order.acceptedAt + minutes * minuteMs);

async function world(change: Partial<OrderRecord> = {}) {
  const outbox = createMemoryOutbox();
  const [orders, payments] = [createMemoryOrderStore(outbox), createMemoryPaymentStore(outbox)];
  const [notifications, deliveries] = [createMemoryNotificationStore(), createMemoryDeliveries()];
  await orders.accept([order], after(0));
  const record = (await orders.load(order.orderId))!;
  await orders.change([{ order: { ...record, ...change }, freedSeats: [], messages: [] }], after(1));
  const deps = { orders, payments, notifications, deliveries, zone };
  const asked = { namesTravellers: true, language: "en" } as const;
  const story = async (over: Partial<typeof asked | { namesTravellers: false; language: "zh" }> = {}) =>
    (await storyOf(deps, order.orderId, { ...asked, ...over }))!;
  return { deps, story, payments, notifications, deliveries };
}

test("money, messages and mails of an order are in its story, in order of time", async () => {
  const { story, payments, notifications, deliveries } = await world({
    state: "ticketed",
    paidAt: after(2),
    paymentNo: "P",
  });
  const paymentNo = paymentNoOf(order.userId, 1);
  const opened = await payments.open(
    {
      paymentNo,
      orderNo: order.orderNo,
      purpose: "order",
      runId: order.lines[0].runId,
      userId: order.userId,
      channel: "sandbox",
      amountFen: order.totalFen,
      payBy: order.payBy,
      pollAt: after(5),
    },
    after(1),
  );
  await payments.change(
    {
      payment: { ...opened, state: "captured" },
      moneyVersion: 0,
      trade: { tradeNo: "T1", amountFen: order.totalFen, paidAt: after(2), paysOrder: true },
      refund: {
        refundNo: "R1",
        paymentNo,
        orderNo: order.orderNo,
        runId: order.lines[0].runId,
        channel: "sandbox",
        tradeNo: "T1",
        ticketNo: order.tickets[0]!.ticketNo,
        amountFen: fen(100),
        feeFen: fen(5),
        reason: "ticketReturned",
        state: "due",
        attempts: 0,
      },
      messages: [],
    },
    after(4),
  );
  const told = (id: string, orderNo: string, at: EpochMs) => ({
    notificationId: id,
    userId: order.userId,
    kind: "ticketsBooked" as const,
    facts: { orderNo, trips: [] },
    at,
  });
  await notifications.add([told("N1", order.orderNo, after(3)), told("N2", "E00000000000000001", after(3))]);
  await deliveries.add([{ ...told("N1", order.orderNo, after(3)), channel: "mail" }]);

  const { payments: money, told: messages, moments } = await story();
  expect(money).toMatchObject([
    { paymentNo, state: "captured", trades: [{ tradeNo: "T1" }], refunds: [{ refundNo: "R1", settledAt: null }] },
  ]);
  expect(messages).toMatchObject([{ kind: "ticketsBooked", mail: "queued", mailError: null }]);
  expect(moments.map(({ what, of }) => `${what} ${of}`)).toEqual([
    `accepted ${order.orderNo}`,
    "paid P",
    "moneyArrived T1",
    "told ticketsBooked",
    "refundMade R1",
  ]);
});

test("why an order was refused is said in the language that was asked for", async () => {
  const { story } = await world({ state: "rejected", endedBecause: "SeatLost" });
  expect([(await story()).endedBecause, (await story()).endedText]).toEqual([
    "SeatLost",
    expect.stringMatching(/^[A-Z]/),
  ]);
  expect((await story({ language: "zh" })).endedText).toMatch(/[\u4e00-\u9fff]/);
});

test("who has no right to that reads how names begin, and no document but its masked form", async () => {
  const { story } = await world();
  const [ticket] = order.tickets;
  expect((await story()).tickets[0]!.name).toBe(ticket!.name);
  const masked = await story({ namesTravellers: false });
  expect(masked.tickets[0]!.name).toBe(`${Array.from(ticket!.name)[0]}**`);
  expect(JSON.stringify(masked)).not.toContain(ticket!.name);
  for (const hidden of [ticket!.documentSealed, ticket!.documentHash])
    expect(JSON.stringify(await story())).not.toContain(hidden);
});

test("an order that is not there has no story", async () => {
  const { deps } = await world();
  expect(await storyOf(deps, sampleOrder().orderId, { namesTravellers: true, language: "en" })).toBeNull();
});

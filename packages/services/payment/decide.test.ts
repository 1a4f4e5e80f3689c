/** The pure decisions of the payment room. */
import { expect, test } from "bun:test";
import { paymentStates } from "@chepiao/contracts";
import {
  dayMs,
  type EpochMs,
  epochMs,
  type Fen,
  fen,
  hourMs,
  minuteMs,
  type OrderNo,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import type { Notice, ProviderTrade } from "@chepiao/ports/payment-provider";
import type { PaymentFile, PaymentRow } from "@chepiao/ports/payment-store";
import {
  decideGivenUp,
  decideReceived,
  decideRefund,
  decideSettled,
  judgeNotice,
  nextPollAt,
  returnAddress,
} from "./decide.ts";
import { paymentTransitions } from "./state.ts";

const now = epochMs(Date.UTC(2026, 10, 1));
const payment: PaymentRow = {
  paymentNo: "P0001100",
  orderNo: "E00010000000000001" as OrderNo,
  purpose: "order",
  runId: "G1/2026-12-01" as never,
  userId: 1 as UserId,
  channel: "memory",
  amountFen: fen(500),
  payBy: epochMs(now + 15 * minuteMs),
  state: "created",
  version: 0,
  createdAt: now,
  payUrl: null,
};
const trade: ProviderTrade = { tradeNo: "T1", amountFen: fen(500), paidAt: now };
const judge = (change: Partial<ProviderTrade> | null, given: Partial<Parameters<typeof judgeNotice>[0]> = {}) => {
  const notice: Notice = { paymentNo: "P0001100", trade: change && { ...trade, ...change } };
  const judged = judgeNotice({ notice, channel: "memory", payment, now, ...given });
  return judged.ok ? judged.value : judged.error;
};

test("a notice that its provider signed is believed when payment, channel, trade, amount and time are sound", () => {
  expect(judge({})).toEqual({ tradeNo: "T1", amountFen: fen(500), paidAt: now });
  expect(judge({}, { payment: null })).toBe("unknownPayment");
  expect(judge({}, { payment: { ...payment, channel: "other" } })).toBe("channel");
  expect(judge({ tradeNo: "" })).toBe("trade");
  expect(judge({ tradeNo: "T".repeat(65) })).toBe("trade");
  expect(judge({ amountFen: fen(0) })).toBe("amount");
  expect(judge({ amountFen: 1e300 as Fen })).toBe("amount");
  expect(judge({ paidAt: epochMs(now + hourMs) })).toBe("time");
  expect(judge({ paidAt: epochMs(now - 100 * dayMs) })).toBe("time");
  expect(judge({ paidAt: (now - 0.5) as EpochMs })).toBe("time");
  expect(judge({ paidAt: epochMs(now - 20 * dayMs) })).toMatchObject({ tradeNo: "T1" });
});

test("a wrong amount is no fault of a signed notice, for that money arrived", () => {
  expect(judge({ amountFen: fen(499) })).toMatchObject({ amountFen: fen(499) });
});

test("a notice that says that nothing was paid is understood and changes nothing", () => {
  expect(judge(null)).toBeNull();
});

test("an unpaid payment is asked about ever more rarely, for the last time a day after its end", () => {
  const pauses: number[] = [];
  let at = now;
  for (let next = nextPollAt(payment, at); next !== null; next = nextPollAt(payment, at)) {
    pauses.push(next - at);
    at = next;
  }
  expect(at).toBe(epochMs(payment.payBy + dayMs));
  expect(pauses[0]).toBe(15 * secondMs);
  expect(pauses.slice(0, -1)).toEqual(pauses.slice(0, -1).toSorted((a, b) => a - b));
  expect(pauses.length).toBeLessThan(40);
});

test("a paid payment is asked about twice more, for a second trade nobody told of", () => {
  const paid = { ...payment, state: "captured" } as const;
  const first = nextPollAt(paid, now);
  expect(first).toBe(epochMs(payment.payBy + minuteMs));
  expect(nextPollAt(paid, first!)).toBe(epochMs(payment.payBy + dayMs));
  expect(nextPollAt(paid, epochMs(payment.payBy + dayMs))).toBeNull();
});

test("a payer is sent back only to a path on this site", () => {
  const to = (path?: string) => returnAddress("https://site.example", path, "E1");
  expect(to("/order/E1?paid=1")).toBe("https://site.example/order/E1?paid=1");
  for (const path of [
    undefined,
    "",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "https://evil.example",
    "x",
  ]) {
    expect(to(path)).toBe("https://site.example/order/E1");
  }
});

test("who prepays an entry of the waitlist is sent back to the entry", () => {
  const to = (path?: string) => returnAddress("https://site.example", path, "W1");
  expect(to()).toBe("https://site.example/waitlist/W1");
  expect(to("//evil.example")).toBe("https://site.example/waitlist/W1");
  expect(to("/waitlist/W1?back=bank")).toBe("https://site.example/waitlist/W1?back=bank");
});

test("every state of a payment has an answer to every event, and money is never ignored", () => {
  for (const cells of Object.values(paymentTransitions)) expect(cells.paid).not.toBe("ignore" as never);
  expect(Object.keys(paymentTransitions)).toEqual(["created", "captured", "closed"]);
});

// Money

const file = (over: Partial<PaymentFile> = {}, row: Partial<PaymentRow> = {}): PaymentFile => ({
  payment: { ...payment, ...row },
  trades: [],
  refunds: [],
  ...over,
});
const paying = { ...trade, paysOrder: true };
const late = { ...trade, tradeNo: "T2" };
const receive = (files: readonly PaymentFile[], paymentNo: string, arrived: ProviderTrade) =>
  decideReceived(files, paymentNo, arrived, (text) => `mac of ${text}`);

test("the order room is told of captured money with a word that covers all of it", () => {
  const decided = receive([file()], payment.paymentNo, trade);
  const { paymentNo, orderNo } = payment;
  expect(decided.outcome === "captured" && decided.change.messages).toEqual([
    {
      topic: "order-pay-topic",
      key: payment.runId,
      value: {
        paymentNo,
        orderNo,
        amountFen: fen(500),
        capturedAt: now,
        mac: `mac of captured:["${paymentNo}","${orderNo}",500,${now}]`,
      },
    },
  ]);
});

test.each(paymentStates)(
  "the first trade of the right amount pays, and what cannot pay goes back whole: %s",
  (state) => {
    const isPaid = state === "captured";
    const files = [file({ trades: isPaid ? [paying] : [] }, { state, version: 3 })];
    const decided = receive(files, payment.paymentNo, late);
    if (decided.outcome === "seen") throw new Error("it was not");
    const { change } = decided;
    expect(decided.outcome).toBe(isPaid ? "duplicatePayment" : "captured");
    expect(change.payment).toEqual({ ...payment, state: "captured", version: 3 });
    expect(change.moneyVersion).toBe(3);
    expect(change.trade).toEqual({ ...late, paysOrder: !isPaid });
    expect(change.refund).toEqual(
      isPaid
        ? {
            refundNo: "self-memory-T2",
            paymentNo: payment.paymentNo,
            orderNo: payment.orderNo,
            runId: payment.runId,
            channel: "memory",
            tradeNo: "T2",
            ticketNo: null,
            amountFen: fen(500),
            feeFen: fen(0),
            reason: "duplicatePayment",
            state: "due",
            attempts: 0,
          }
        : null,
    );
    expect(change.messages.map(({ topic }) => topic)).toEqual(isPaid ? [] : ["order-pay-topic"]);
  },
);

test("a wrong amount goes back whole in every state, and moves none", () => {
  for (const state of paymentStates) {
    const decided = receive([file({}, { state })], payment.paymentNo, { ...trade, amountFen: fen(499) });
    expect(decided).toMatchObject({
      outcome: "wrongAmount",
      change: { payment: { state }, refund: { amountFen: fen(499), reason: "wrongAmount" }, messages: [] },
    });
  }
});

test("the money of an order is one: paid through any channel it is paid, and its version is that of all its payments", () => {
  const other = file({ trades: [paying] }, { paymentNo: "P0001200", channel: "other", state: "captured", version: 2 });
  const files = [file({}, { version: 1 }), other];
  expect(receive(files, payment.paymentNo, trade)).toMatchObject({
    outcome: "duplicatePayment",
    change: { moneyVersion: 3, payment: { paymentNo: payment.paymentNo, state: "created", version: 1 } },
  });
  expect(receive(files, "P0001200", trade)).toEqual({ outcome: "seen" });
});

test("a refund is taken from the trade that pays, until fees and refunds have used it up", () => {
  const due = {
    refundNo: "R1",
    paymentNo: payment.paymentNo,
    orderNo: payment.orderNo,
    ticketNo: "K1",
    amountFen: fen(300),
    feeFen: fen(20),
    reason: "ticketReturned",
  } as const;
  const surplus = { ...late, paysOrder: false };
  const files = [file({ trades: [surplus, paying] }, { state: "captured", version: 4 })];
  const decided = decideRefund(files, due);
  if (decided.outcome !== "added") throw new Error(decided.outcome);
  expect(decided.change).toMatchObject({ moneyVersion: 4, trade: null, messages: [], payment: { state: "captured" } });
  const refund = decided.change.refund!;
  expect(refund).toMatchObject({ ...due, tradeNo: "T1", state: "due", attempts: 0 });
  const after = [{ ...files[0]!, refunds: [refund] }];
  expect(decideRefund(after, due)).toEqual({ outcome: "seen" });
  const next = { ...due, refundNo: "R2" };
  expect(decideRefund(after, { ...next, amountFen: fen(160), feeFen: fen(20) }).outcome).toBe("added");
  expect(decideRefund(after, { ...next, amountFen: fen(160), feeFen: fen(21) }).outcome).toBe("impossible");
  expect(decideRefund(after, { ...next, amountFen: fen(-1) }).outcome).toBe("impossible");
  expect(decideRefund([file({ trades: [surplus] })], due).outcome).toBe("impossible");
});

test("only a payment that nobody paid is given up", () => {
  const giveUp = (state: PaymentRow["state"]) => decideGivenUp([file({}, { state })], payment.paymentNo);
  expect(giveUp("created")).toMatchObject({ payment: { state: "closed" }, trade: null, refund: null, messages: [] });
  expect(giveUp("captured")).toBeNull();
  expect(giveUp("closed")).toBeNull();
});

test("a refund that is done is settled, and one that was settled is not told of again", () => {
  const decided = receive([file({ trades: [paying] })], payment.paymentNo, late);
  const due = decided.outcome === "seen" ? null : decided.change.refund!;
  const settled = decideSettled(due!)!;
  expect(settled.refund).toEqual({ ...due!, state: "settled" });
  expect(settled.messages.map(({ topic }) => topic)).toEqual(["payment-settled-topic"]);
  expect(decideSettled(settled.refund)).toBeNull();
});

/** The pure decisions of the payment room. */
import { expect, test } from "bun:test";
import type { PaymentNotice } from "@chepiao/contracts";
import { dayMs, epochMs, fen, hourMs, minuteMs, type OrderNo, secondMs, type UserId } from "@chepiao/kernel";
import { type PaymentRow, paymentTransitions } from "@chepiao/ports/payment-store";
import { judgeNotice, nextLookAt, returnAddress } from "./decide.ts";

const now = epochMs(Date.UTC(2026, 10, 1));
const payment: PaymentRow = {
  paymentNo: "P0001100",
  orderNo: "E00010000000000001" as OrderNo,
  runId: "G1/2026-12-01" as never,
  userId: 1 as UserId,
  channel: "memory",
  amountFen: fen(500),
  payBy: epochMs(now + 15 * minuteMs),
  state: "created",
  createdAt: now,
  payUrl: null,
};
const notice: PaymentNotice = {
  merchantId: "M1",
  paymentNo: "P0001100",
  tradeNo: "T1",
  amountFen: 500,
  status: "paid",
  at: now,
  nonce: "N",
  signature: "S",
};
const provider = { channel: "memory", merchantId: "M1" };
const judge = (change: Partial<PaymentNotice>, given: Partial<Parameters<typeof judgeNotice>[0]> = {}) => {
  const judged = judgeNotice({ notice: { ...notice, ...change }, signed: true, provider, payment, now, ...given });
  return judged.ok ? judged.value : judged.error;
};

test("a notice is believed when signature, merchant, payment, channel, amount and time are sound", () => {
  expect(judge({})).toEqual({ tradeNo: "T1", amountFen: fen(500), paidAt: now });
  expect(judge({}, { signed: false })).toBe("signature");
  expect(judge({ merchantId: "M2" })).toBe("merchant");
  expect(judge({}, { payment: null })).toBe("unknownPayment");
  expect(judge({}, { payment: { ...payment, channel: "other" } })).toBe("channel");
  expect(judge({ amountFen: 0 })).toBe("amount");
  expect(judge({ amountFen: 1e300 })).toBe("amount");
  expect(judge({ at: now + hourMs })).toBe("time");
  expect(judge({ at: now - 100 * dayMs })).toBe("time");
  expect(judge({ at: now - 20 * dayMs })).toMatchObject({ tradeNo: "T1" });
});

test("a signature is judged before anything else is told apart", () => {
  expect(judge({ merchantId: "M2", amountFen: 0 }, { signed: false, payment: null })).toBe("signature");
});

test("a wrong amount is no fault of a signed notice, for that money arrived", () => {
  expect(judge({ amountFen: 499 })).toMatchObject({ amountFen: fen(499) });
});

test("a notice that says that nothing was paid is understood and changes nothing", () => {
  expect(judge({ status: "failed" })).toBeNull();
});

test("an unpaid payment is asked about ever more rarely, for the last time a day after its end", () => {
  const pauses: number[] = [];
  let at = now;
  for (let next = nextLookAt(payment, at); next !== null; next = nextLookAt(payment, at)) {
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
  const first = nextLookAt(paid, now);
  expect(first).toBe(epochMs(payment.payBy + minuteMs));
  expect(nextLookAt(paid, first!)).toBe(epochMs(payment.payBy + dayMs));
  expect(nextLookAt(paid, epochMs(payment.payBy + dayMs))).toBeNull();
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

test("every state of a payment has an answer to every event, and money is never ignored", () => {
  for (const cells of Object.values(paymentTransitions)) expect(cells.paid).not.toBe("ignore" as never);
  expect(Object.keys(paymentTransitions)).toEqual(["created", "captured", "closed"]);
});

/** The sums of each account and of each day see what those of each payment do not. */
import { expect, test } from "bun:test";
import { dayMs, epochMs, fen, instantOfClock, serviceDate, type UserId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { PaymentFile } from "@chepiao/ports/payment-store";
import { zone } from "../railway.ts";
import { everySideAddsUp } from "./books.ts";

const at = epochMs(instantOfClock(serviceDate("2026-12-01"), 0, zone) - 1_000);
const payer = 7 as UserId;
const payment = { paymentNo: "P1", userId: payer };
const trade = { tradeNo: "T1", paymentNo: "P1", payer, amountFen: fen(900), at };
const refund = { refundNo: "R1", paymentNo: "P1", tradeNo: "T1", amountFen: fen(500) };
const bank = { trades: [trade], refunds: [refund], disputes: [] };
const file = {
  payment,
  trades: [{ tradeNo: "T1", amountFen: fen(900), paidAt: at }],
  refunds: [{ ...refund, state: "settled" }],
};
const order = {
  orderNo: "E1",
  paymentNo: "P1",
  paidAt: at,
  userId: payer,
  tickets: [
    { state: "issued", fareFen: 300, feeFen: null },
    { state: "refunded", fareFen: 600, feeFen: 100 },
  ],
};

type Change = { order?: object; payment?: object; trade?: object; refund?: object };
const found = (change: Change, moment: "over" | "rest" | "settled" = "over") =>
  everySideAddsUp(
    bank,
    new Map([
      [
        "P1",
        {
          payment: { ...payment, ...change.payment },
          trades: [{ ...file.trades[0]!, ...change.trade }],
          refunds: [{ ...file.refunds[0]!, ...change.refund }],
        } as unknown as PaymentFile,
      ],
    ]),
    [{ ...order, ...change.order }] as unknown as OrderRecord[],
    [],
    moment,
  ).map((line) => line.split(":")[1]!.trim());

test("I3: what came is on tickets, fees and back, for the payment, the account and the day", () => {
  expect(found({})).toEqual([]);
  expect(found({ order: { tickets: order.tickets.slice(0, 1) } })).toEqual([
    "payment P1",
    "account 7",
    "day 2026-11-30",
  ]);
});

test("I3: a ticket of another account on that money is seen by the sums of accounts alone", () => {
  expect(found({ order: { userId: 8 } })).toEqual(["account 7", "account 8"]);
  expect(found({ payment: { userId: 8 } })).toEqual(["account 7", "account 8"]);
});

test("I3: money that counts for another day of the railway is seen by the sums of days alone", () => {
  expect(found({ order: { paidAt: at + 2_000 } })).toEqual(["day 2026-11-30", "day 2026-12-01"]);
  expect(found({ trade: { paidAt: at + dayMs } })).toEqual(["day 2026-11-30", "day 2026-12-01"]);
  // On the same day of the railway, and the next of UTC.
  expect(found({ order: { paidAt: at - 23 * 3_600_000 } })).toEqual([]);
});

test("I3: a refund that the bank has paid and the books do not know is seen once refunds are through", () => {
  expect(found({ refund: { state: "due" } }, "rest")).toEqual([]);
  expect(found({ refund: { state: "due" } }, "settled")).toEqual(["payment P1", "account 7", "day 2026-11-30"]);
});

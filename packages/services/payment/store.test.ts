/** What a decision about money does when somebody else was quicker. */
import { expect, test } from "bun:test";
import { epochMs, fen, type OrderNo, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPaymentStore, paymentNoOf, type PaymentStore } from "@chepiao/ports/payment-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createBooks } from "./store.ts";

const now = epochMs(Date.UTC(2026, 10, 1));
const trade = { tradeNo: "T1", amountFen: fen(500), paidAt: now };

async function opened(change: (store: PaymentStore) => Partial<PaymentStore> = () => ({})) {
  const outbox = createMemoryOutbox();
  const memory = createMemoryPaymentStore(outbox);
  const store = { ...memory, ...change(memory) };
  const userId = 7 as UserId;
  const payment = await memory.open(
    {
      paymentNo: paymentNoOf(userId, 1_000_001),
      orderNo: "E00070000000000001" as OrderNo,
      purpose: "order",
      runId: "G1/2026-12-01" as never,
      userId,
      channel: "memory",
      amountFen: fen(500),
      payBy: now,
      pollAt: now,
    },
    now,
  );
  return {
    memory,
    payment,
    books: createBooks({ store, clock: createManualClock(now), vault: createMemoryVault() }),
    outbox,
  };
}

test("a decision that lost is taken again on what won", async () => {
  let losses = 3;
  const { payment, books, memory } = await opened((store) => ({
    change: async (change, at) => (losses-- > 0 ? "lost" : store.change(change, at)),
  }));
  expect(await books.receive(payment, trade)).toBe("captured");
  expect(losses).toBe(-1);
  expect((await memory.find(payment.paymentNo))!.version).toBe(1);
});

test("what loses again and again is given up with an error, and nothing is written", async () => {
  let tries = 0;
  const { payment, books, memory, outbox } = await opened(() => ({
    async change() {
      tries += 1;
      return "lost";
    },
  }));
  const error = await books.receive(payment, trade).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("changes faster than it can be decided about");
  expect(tries).toBe(50);
  expect((await memory.totals()).capturedFen).toBe(fen(0));
  expect((await outbox.backlog()).count).toBe(0);
});

test("money that is another payment's is not entered again, and its teller is not asked to come back", async () => {
  const { payment, books } = await opened(() => ({ change: async () => "known" }));
  expect(await books.receive(payment, trade)).toBe("seen");
});

test("a store that fails is not taken for one that lost", async () => {
  let tries = 0;
  const { payment, books } = await opened(() => ({
    change() {
      tries += 1;
      return Promise.reject(new Error("the database is away"));
    },
  }));
  expect(String(await books.receive(payment, trade).catch((thrown: unknown) => thrown))).toContain("away");
  expect(tries).toBe(1);
});

test("a refund for a payment that nobody knows is impossible", async () => {
  const { books, payment } = await opened();
  const { orderNo } = payment;
  const due = {
    refundNo: "R1",
    orderNo,
    ticketNo: null,
    amountFen: fen(1),
    feeFen: fen(0),
    reason: "orderGone",
  } as const;
  expect(await books.addRefund({ ...due, paymentNo: paymentNoOf(7 as UserId, 9) })).toBe("impossible");
  expect(await books.addRefund({ ...due, paymentNo: "nonsense" })).toBe("impossible");
});

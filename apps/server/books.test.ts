/**
 * The payment room's books on SQLite, as the platform opens them: decided here, read on one connection, written on another thread. A
 * thread that serves beside it has the same books over a line to that writer.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite, openStores, openStoresOn } from "@chepiao/adapters/sqlite";
import { asBefore } from "@chepiao/adapters/sqlite/older.suite.ts";
import { runId } from "@chepiao/contracts";
import { epochMs, fen, type OrderId, orderNoOf, serviceDate, slotOfUser, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { paymentNoOf } from "@chepiao/ports/payment-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createBooks } from "@chepiao/services/payment";
import { paymentBooksSuite } from "@chepiao/services/payment/books.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-books-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.db`);
const broken = (error: Error) => {
  throw error;
};

paymentBooksSuite("sqlite", async () => {
  const path = newFile();
  const cleanUp = new AsyncDisposableStack();
  const own = cleanUp.use(await openStores(path, broken));
  const lent = cleanUp.use(await openStoresOn(path, own.lineToWriter()));
  return {
    stores: [own.stores.payments, lent.stores.payments],
    outbox: own.stores.outbox,
    close: () => cleanUp.disposeAsync(),
  };
});

test("books of the version before payments had versions are taken over: what was paid is not paid again", async () => {
  const path = newFile();
  const now = epochMs(Date.UTC(2026, 10, 1));
  const [clock, vault] = [createManualClock(now), createMemoryVault()];
  const userId = 7 as UserId;
  const orderNo = orderNoOf((slotOfUser(userId) + 2048) as OrderId);
  const payment = {
    paymentNo: paymentNoOf(userId, 1_000_001),
    orderNo,
    purpose: "order" as const,
    runId: runId("G1", serviceDate("2026-12-01")),
    userId,
    channel: "sandbox",
    amountFen: fen(500),
    payBy: epochMs(now + 1),
    pollAt: now,
  };
  const trade = (tradeNo: string) => ({ tradeNo, amountFen: fen(500), paidAt: now });
  {
    await using opened = await openStores(path, broken);
    const row = await opened.stores.payments.open(payment, now);
    expect(await createBooks({ store: opened.stores.payments, clock, vault }).receive(row, trade("T1"))).toBe(
      "captured",
    );
  }
  {
    // As that version left it.
    await using database = await openSqlite(path);
    await asBefore(database, "0010-payment-version");
  }
  await using opened = await openStores(path, broken);
  const { payments, outbox } = opened.stores;
  const books = createBooks({ store: payments, clock, vault });
  const row = (await payments.find(payment.paymentNo))!;
  expect(row).toMatchObject({ state: "captured", version: 0 });
  expect(await books.receive(row, trade("T1"))).toBe("seen");
  expect(await books.receive(row, trade("T2"))).toBe("duplicatePayment");
  expect((await payments.find(payment.paymentNo))!.version).toBe(1);
  expect((await outbox.pending(now, 10)).map(({ record }) => record.topic)).toEqual(["order-pay-topic"]);
});

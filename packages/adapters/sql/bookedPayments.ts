/** What the books have of many payments at a time, for who holds them against a provider's statement: read in pages, beside buyers. */
import type { Kysely } from "kysely";
import { codeOf, refundStates } from "@chepiao/contracts";
import { type EpochMs, epochMs, orderIdOf, slotOfOrder } from "@chepiao/kernel";
import { type BookedPayment, type PaymentStore, slotOfPayment } from "@chepiao/ports/payment-store";
import { paymentColumns, paymentFrom, refundColumns, refundFrom, tradeColumns, tradeFrom } from "./payments.rows.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

const due = codeOf(refundStates, "due");
const pageSize = 2_000;
/** Bound to one statement. */
const paymentsAtOnce = 500;

/** What reads SQLite never waits, and would keep those who buy waiting until the end. */
const turnOfOthers = () => new Promise(setImmediate);

type Place = { readonly at: number; readonly no: string; readonly paymentNo: string };

export const bookedReads = (everywhere: Everywhere): Pick<PaymentStore, "booked" | "moved" | "overdue"> => ({
  async *moved(from, until) {
    yield* inPages(from, (place) => everywhere((all) => tradesPaid(all, place, until)));
    yield* inPages(from, (place) => everywhere((all) => refundsChanged(all, place, until)));
  },
  overdue: (before) => inPages(epochMs(0), (place) => everywhere((all) => refundsDue(all, place, before))),
  async booked(paymentNos) {
    const known = [...new Set(paymentNos)].filter((paymentNo) => slotOfPayment(paymentNo) !== null);
    const booked: BookedPayment[] = [];
    for (let start = 0; start < known.length; start += paymentsAtOnce) {
      booked.push(...(await everywhere((all) => paymentsIn(all, known.slice(start, start + paymentsAtOnce)))));
      await turnOfOthers();
    }
    return booked;
  },
});

/** A page begins behind the last one, by time and by number where several were at once. */
async function* inPages(from: EpochMs, page: (after: Place) => Promise<readonly Place[]>) {
  for (let after: Place = { at: from, no: "", paymentNo: "" }; ;) {
    const rows = await page(after);
    if (rows.length > 0) yield rows.map(({ paymentNo }) => paymentNo);
    if (rows.length < pageSize) return;
    after = rows.at(-1)!;
    await turnOfOthers();
  }
}

async function tradesPaid(db: Kysely<Tables>, after: Place, until: EpochMs): Promise<Place[]> {
  const rows = await db
    .selectFrom("t_payment_trade")
    .select(["paid_at", "trade_no", "payment_no"])
    .where("paid_at", ">=", after.at)
    .where("paid_at", "<", until)
    .where((the) => the.or([the("paid_at", ">", after.at), the("trade_no", ">", after.no)]))
    .orderBy("paid_at")
    .orderBy("trade_no")
    .limit(pageSize)
    .execute();
  return rows.map((row) => ({ at: Number(row.paid_at), no: row.trade_no, paymentNo: row.payment_no }));
}

async function refundsChanged(db: Kysely<Tables>, after: Place, until: EpochMs): Promise<Place[]> {
  const rows = await db
    .selectFrom("t_payment_refund")
    .select(["update_time", "refund_no", "payment_no"])
    .where("update_time", ">=", after.at)
    .where("update_time", "<", until)
    .where((the) => the.or([the("update_time", ">", after.at), the("refund_no", ">", after.no)]))
    .orderBy("update_time")
    .orderBy("refund_no")
    .limit(pageSize)
    .execute();
  return rows.map((row) => ({ at: Number(row.update_time), no: row.refund_no, paymentNo: row.payment_no }));
}

/** Few are due at a time: those are found by their state, and not by when they were made. */
async function refundsDue(db: Kysely<Tables>, after: Place, before: EpochMs): Promise<Place[]> {
  const rows = await db
    .selectFrom("t_payment_refund")
    .select(["create_time", "refund_no", "payment_no"])
    .where("create_time", ">=", after.at)
    .where("create_time", "<", before)
    .where("state", "=", due)
    .where((the) => the.or([the("create_time", ">", after.at), the("refund_no", ">", after.no)]))
    .orderBy("create_time")
    .orderBy("refund_no")
    .limit(pageSize)
    .execute();
  return rows.map((row) => ({ at: Number(row.create_time), no: row.refund_no, paymentNo: row.payment_no }));
}

/** A change of an order's money is one commit, so the three are read in one transaction where a database has several servers. */
async function paymentsIn(db: Kysely<Tables>, paymentNos: readonly string[]): Promise<BookedPayment[]> {
  const payments = await db
    .selectFrom("t_payment")
    .select([...paymentColumns, "next_look", "update_time"])
    .where("payment_no", "in", [...paymentNos])
    .where("slot", "in", slotsOf(paymentNos.map((paymentNo) => slotOfPayment(paymentNo)!)))
    .execute();
  if (payments.length === 0) return [];
  const orderNos = [...new Set(payments.map((row) => row.order_no))];
  const slots = slotsOf(orderNos.map((orderNo) => slotOfOrder(orderIdOf(orderNo)!)));
  const trades = await db
    .selectFrom("t_payment_trade")
    .select(tradeColumns)
    .where("order_no", "in", orderNos)
    .where("slot", "in", slots)
    .orderBy("create_time")
    .orderBy("trade_no")
    .execute();
  const refunds = await db
    .selectFrom("t_payment_refund")
    .select([...refundColumns, "create_time", "update_time"])
    .where("order_no", "in", orderNos)
    .where("slot", "in", slots)
    .orderBy("create_time")
    .orderBy("refund_no")
    .execute();
  const tradesOf = Map.groupBy(trades, (row) => row.payment_no);
  const refundsOf = Map.groupBy(refunds, (row) => row.payment_no);
  return payments.map((row) => ({
    payment: {
      ...paymentFrom(row),
      changedAt: epochMs(Number(row.update_time)),
      pollAt: row.next_look === null ? null : epochMs(Number(row.next_look)),
    },
    trades: (tradesOf.get(row.payment_no) ?? []).map(tradeFrom),
    refunds: (refundsOf.get(row.payment_no) ?? []).map((refund) => ({
      ...refundFrom(refund),
      createdAt: epochMs(Number(refund.create_time)),
      changedAt: epochMs(Number(refund.update_time)),
    })),
  }));
}

const slotsOf = (slots: readonly number[]): number[] => [...new Set(slots)];

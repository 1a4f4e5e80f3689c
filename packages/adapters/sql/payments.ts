/**
 * `t_payment`, `t_payment_trade`, `t_payment_refund`. Each change of money is one transaction together with its messages, and
 * begins by locking every payment of its order: of two channels that capture at one moment, the second finds another version.
 */
import type { Kysely, Transaction } from "kysely";
import { codeOf, paymentPurposes, paymentStates, refundStates } from "@chepiao/contracts";
import {
  assert,
  backoffMs,
  type EpochMs,
  epochMs,
  fen,
  orderIdOf,
  type OrderNo,
  type Slot,
  slotOfOrder,
} from "@chepiao/kernel";
import {
  type PaymentFile,
  type PaymentRow,
  type PaymentStore,
  type ReceivedTrade,
  type Refund,
  refundReasons,
  slotOfPayment,
} from "@chepiao/ports/payment-store";
import { againIfUndone, inserted } from "./errors.ts";
import { bookedReads } from "./bookedPayments.ts";
import { insertMessages } from "./outbox.ts";
import { paymentColumns, paymentFrom, refundColumns, refundFrom, tradeColumns, tradeFrom } from "./payments.rows.ts";
import type { PaymentRecord, RefundRecord } from "./payments.tables.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

const due = codeOf(refundStates, "due");
const settled = codeOf(refundStates, "settled");

/** Makes a trade the payment's own, for good; false where it is another's. */
export type OwnTrade = (channel: string, tradeNo: string, paymentNo: string, now: EpochMs) => Promise<boolean>;

/** What several servers need. One has all trades, whose primary key says which payment they belong to. */
type Shards = { readonly ownTrade: OwnTrade; readonly everywhere: Everywhere };

export const createSqlPaymentStore = (
  db: Kysely<Tables>,
  { ownTrade, everywhere = (query) => query(db) }: Partial<Shards> = {},
): PaymentStore => ({
  ...bookedReads(everywhere),
  async open({ paymentNo, orderNo, purpose, runId, userId, channel, amountFen, payBy, pollAt }, now) {
    assert(ownSlot(paymentNo) === orderSlot(orderNo), "a payment lives where its order does");
    const row: PaymentRecord = {
      payment_no: paymentNo,
      order_no: orderNo,
      purpose: codeOf(paymentPurposes, purpose),
      slot: orderSlot(orderNo),
      run_id: runId,
      user_id: userId,
      channel,
      amount_fen: amountFen,
      state: codeOf(paymentStates, "created"),
      version: 0,
      pay_by: payBy,
      pay_url: null,
      next_look: pollAt,
      create_time: now,
      update_time: now,
    };
    await inserted(againIfUndone(() => db.insertInto("t_payment").values(row).execute()));
    const kept = await db
      .selectFrom("t_payment")
      .select(paymentColumns)
      .where("order_no", "=", orderNo)
      .where("slot", "=", row.slot)
      .where("channel", "=", channel)
      .executeTakeFirstOrThrow();
    return paymentFrom(kept);
  },
  async started(paymentNo, payUrl) {
    await db
      .updateTable("t_payment")
      .set({ pay_url: payUrl })
      .where("payment_no", "=", paymentNo)
      .where("slot", "=", ownSlot(paymentNo))
      .execute();
  },
  find: (paymentNo) => findPayment(db, paymentNo),
  byOrder: (orderNo) => filesOf(db, orderNo),

  async change({ payment, moneyVersion, trade, refund, messages }, now) {
    const { paymentNo, orderNo, channel } = payment;
    if (trade && ownTrade && !(await ownTrade(channel, trade.tradeNo, paymentNo, now))) return "known";
    const slot = ownSlot(paymentNo);
    return lockedOrder(db, orderNo, now, async (trx) => {
      const { version } = await trx
        .selectFrom("t_payment")
        .select((the) => the.fn.sum("version").as("version"))
        .where("order_no", "=", orderNo)
        .where("slot", "=", slot)
        .executeTakeFirstOrThrow();
      if (Number(version) !== moneyVersion) return "lost";
      // Recorded for another payment: the key refuses it, and nothing else has been written yet.
      if (trade && !(await inserted(insertTrade(trx, payment, trade, now)))) return "known";
      if (refund && !(await inserted(insertRefund(trx, refund, now)))) {
        assert(trade === null, `refund ${refund.refundNo} of trade ${trade?.tradeNo} was there before its trade`);
        return "known";
      }
      await trx
        .updateTable("t_payment")
        .set({ state: codeOf(paymentStates, payment.state), version: payment.version + 1 })
        .where("payment_no", "=", paymentNo)
        .where("slot", "=", slot)
        .execute();
      await insertMessages(trx, messages, now, slot);
      return "made";
    });
  },

  async dueRefunds(now, limit) {
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_payment_refund")
        .select(refundColumns)
        .where("state", "=", due)
        .where("next_try", "<=", now)
        .orderBy("next_try")
        .limit(limit)
        .execute(),
    );
    return rows.map(refundFrom);
  },
  settle: ({ refund: { refundNo, paymentNo, state }, messages }, now) =>
    againIfUndone(() =>
      db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable("t_payment_refund")
          .set({ state: codeOf(refundStates, state), update_time: now })
          .where("refund_no", "=", refundNo)
          .where("slot", "=", ownSlot(paymentNo))
          .where("state", "=", due)
          .executeTakeFirstOrThrow();
        if (Number(numUpdatedRows) === 0) return false;
        await insertMessages(trx, messages, now, ownSlot(paymentNo));
        return true;
      }),
    ),
  async postpone({ refundNo, paymentNo }, now) {
    const row = await db
      .selectFrom("t_payment_refund")
      .select("attempts")
      .where("refund_no", "=", refundNo)
      .where("slot", "=", ownSlot(paymentNo))
      .executeTakeFirst();
    if (!row) return;
    await db
      .updateTable("t_payment_refund")
      .set({ attempts: row.attempts + 1, next_try: now + backoffMs(row.attempts), update_time: now })
      .where("refund_no", "=", refundNo)
      .where("slot", "=", ownSlot(paymentNo))
      .where("state", "=", due)
      .execute();
  },

  async awaiting(now, limit) {
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_payment")
        .select(paymentColumns)
        .where("next_look", "<=", now)
        .orderBy("next_look")
        .limit(limit)
        .execute(),
    );
    return rows.map(paymentFrom);
  },
  async polled(paymentNo, pollAgainAt) {
    const slot = slotOfPayment(paymentNo);
    if (slot === null) return;
    await db
      .updateTable("t_payment")
      .set({ next_look: pollAgainAt })
      .where("payment_no", "=", paymentNo)
      .where("slot", "=", slot)
      .execute();
  },

  totals: () =>
    everywhere(async (all) => {
      const captured = await all
        .selectFrom("t_payment_trade")
        .select((the) => the.fn.sum("amount_fen").as("amount"))
        .executeTakeFirstOrThrow();
      const refunds = await all
        .selectFrom("t_payment_refund")
        .select((the) => ["state", the.fn.sum("amount_fen").as("amount"), the.fn.sum("fee_fen").as("fee")])
        .groupBy("state")
        .execute();
      const of = (state: number) => Number(refunds.find((row) => Number(row.state) === state)?.amount ?? 0);
      return {
        capturedFen: fen(Number(captured.amount ?? 0)),
        refundedFen: fen(of(settled)),
        refundDueFen: fen(of(due)),
        feeFen: fen(refunds.reduce((sum, row) => sum + Number(row.fee ?? 0), 0)),
      };
    }),
  async refundBacklog() {
    const row = await everywhere((all) =>
      all
        .selectFrom("t_payment_refund")
        .select((the) => [the.fn.countAll().as("count"), the.fn.min("create_time").as("oldest")])
        .where("state", "=", due)
        .executeTakeFirstOrThrow(),
    );
    return { count: Number(row.count), oldestAt: row.oldest === null ? null : epochMs(Number(row.oldest)) };
  },
});

/**
 * One transaction about an order's money. The update comes first, before anything is read: it takes the locks, and on MySQL the
 * transaction's view of the tables begins only after them. A payment opened meanwhile has no money yet.
 */
const lockedOrder = <T>(
  db: Kysely<Tables>,
  orderNo: OrderNo,
  now: EpochMs,
  work: (trx: Transaction<Tables>) => Promise<T>,
) =>
  againIfUndone(() =>
    db.transaction().execute(async (trx) => {
      await trx
        .updateTable("t_payment")
        .set({ update_time: now })
        .where("order_no", "=", orderNo)
        .where("slot", "=", orderSlot(orderNo))
        .execute();
      return work(trx);
    }),
  );

async function findPayment(db: Kysely<Tables>, paymentNo: string): Promise<PaymentRow | null> {
  const slot = slotOfPayment(paymentNo);
  if (slot === null) return null;
  const row = await db
    .selectFrom("t_payment")
    .select(paymentColumns)
    .where("payment_no", "=", paymentNo)
    .where("slot", "=", slot)
    .executeTakeFirst();
  return row ? paymentFrom(row) : null;
}

async function filesOf(db: Kysely<Tables>, orderNo: OrderNo): Promise<PaymentFile[]> {
  const slot = orderSlot(orderNo);
  const payments = await db
    .selectFrom("t_payment")
    .select(paymentColumns)
    .where("order_no", "=", orderNo)
    .where("slot", "=", slot)
    .orderBy("create_time")
    .orderBy("payment_no")
    .execute();
  if (payments.length === 0) return [];
  const trades = await db
    .selectFrom("t_payment_trade")
    .select(tradeColumns)
    .where("order_no", "=", orderNo)
    .where("slot", "=", slot)
    .orderBy("create_time")
    .orderBy("trade_no")
    .execute();
  const refunds = await db
    .selectFrom("t_payment_refund")
    .select(refundColumns)
    .where("order_no", "=", orderNo)
    .where("slot", "=", slot)
    .orderBy("create_time")
    .orderBy("refund_no")
    .execute();
  return payments.map((row) => ({
    payment: paymentFrom(row),
    trades: trades.filter((trade) => trade.payment_no === row.payment_no).map(tradeFrom),
    refunds: refunds.filter((refund) => refund.payment_no === row.payment_no).map(refundFrom),
  }));
}

const insertTrade = (trx: Transaction<Tables>, payment: PaymentRow, trade: ReceivedTrade, now: EpochMs) =>
  trx
    .insertInto("t_payment_trade")
    .values({
      channel: payment.channel,
      trade_no: trade.tradeNo,
      payment_no: payment.paymentNo,
      order_no: payment.orderNo,
      slot: ownSlot(payment.paymentNo),
      amount_fen: trade.amountFen,
      pays_order: trade.paysOrder ? 1 : 0,
      paid_at: trade.paidAt,
      create_time: now,
    })
    .execute();

async function insertRefund(trx: Transaction<Tables>, refund: Refund, now: EpochMs): Promise<void> {
  const row: RefundRecord = {
    refund_no: refund.refundNo,
    payment_no: refund.paymentNo,
    order_no: refund.orderNo,
    slot: ownSlot(refund.paymentNo),
    run_id: refund.runId,
    channel: refund.channel,
    trade_no: refund.tradeNo,
    ticket_no: refund.ticketNo,
    amount_fen: refund.amountFen,
    fee_fen: refund.feeFen,
    reason: codeOf(refundReasons, refund.reason),
    state: codeOf(refundStates, refund.state),
    attempts: refund.attempts,
    next_try: now,
    create_time: now,
    update_time: now,
  };
  await trx.insertInto("t_payment_refund").values(row).execute();
}

function ownSlot(paymentNo: string): Slot {
  const slot = slotOfPayment(paymentNo);
  assert(slot !== null, `not a payment number: ${paymentNo}`);
  return slot;
}

function orderSlot(orderNo: OrderNo): Slot {
  const id = orderIdOf(orderNo);
  assert(id !== null, `not an order number: ${orderNo}`);
  return slotOfOrder(id);
}

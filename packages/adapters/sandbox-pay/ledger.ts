/** The bank's own books, in its own SQLite file: bills, money taken, money given back, and deliveries still to be made. */
import { Database } from "bun:sqlite";
import { type EpochMs, epochMs, fen, type Fen } from "@chepiao/kernel";
import type { ProviderTrade, RefundOrder, StartPayment, StatementLine } from "@chepiao/ports/payment-provider";
import { type Behaviour, behaviours } from "./behaviours.ts";

export type Bill = StartPayment & {
  /** Unguessable part of the page's address: the payer who has it may look and pay. */
  readonly key: string;
  readonly slow: boolean;
};

/** Something to be done at its time: take money that was promised, or tell the merchant. */
export type Delivery = {
  readonly deliveryId: number;
  readonly kind: "capture" | "notice";
  readonly paymentNo: string;
  readonly tradeNo: string;
  readonly status: "paid" | "failed";
  readonly behaviour: Behaviour;
  readonly attempts: number;
};

export type Ledger = ReturnType<typeof openLedger>;

const tables = `
  create table if not exists bill (
    payment_no text primary key, key text not null, amount_fen integer not null, subject text not null,
    pay_by integer not null, notify_url text not null, return_url text not null, slow integer not null default 0,
    language text not null default 'zh');
  create table if not exists trade (
    trade_id integer primary key autoincrement, trade_no text not null unique, payment_no text not null,
    amount_fen integer not null, paid_at integer not null);
  create index if not exists trade_payment on trade (payment_no);
  create index if not exists trade_paid on trade (paid_at);
  create table if not exists refund (
    refund_no text primary key, trade_no text not null, amount_fen integer not null, done_at integer not null);
  create index if not exists refund_trade on refund (trade_no);
  create index if not exists refund_done on refund (done_at);
  create table if not exists errand (
    errand_id integer primary key autoincrement, kind text not null, payment_no text not null, trade_no text not null,
    status text not null, behaviour text not null, due_at integer not null, attempts integer not null default 0);
  create index if not exists errand_due on errand (due_at);
`;

type BillRow = {
  payment_no: string;
  key: string;
  amount_fen: number;
  subject: string;
  pay_by: number;
  notify_url: string;
  return_url: string;
  slow: number;
  language: StartPayment["language"];
};

export function openLedger(path: string, scale: number) {
  const db = new Database(path, { create: true, strict: true });
  db.run("pragma journal_mode = wal");
  db.run("pragma synchronous = full");
  db.run("pragma busy_timeout = 5000");
  db.exec(tables);
  // Books that were opened before bills had a language.
  const language = db.query("select 1 from pragma_table_info('bill') where name = 'language'").get();
  if (language === null) db.exec("alter table bill add column language text not null default 'zh'");

  function bill(paymentNo: string): Bill | null {
    const row = db.query<BillRow, [string]>("select * from bill where payment_no = ?").get(paymentNo);
    if (!row) return null;
    return {
      paymentNo: row.payment_no,
      key: row.key,
      amountFen: fen(row.amount_fen),
      subject: row.subject,
      payBy: epochMs(row.pay_by),
      notifyUrl: row.notify_url,
      returnUrl: row.return_url,
      slow: row.slow === 1,
      language: row.language,
    };
  }
  function trades(paymentNo: string): ProviderTrade[] {
    const rows = db
      .query<{ trade_no: string; amount_fen: number; paid_at: number }, [string]>(
        "select trade_no, amount_fen, paid_at from trade where payment_no = ? order by trade_id",
      )
      .all(paymentNo);
    return rows.map((row) => ({
      tradeNo: row.trade_no,
      amountFen: fen(row.amount_fen),
      paidAt: epochMs(row.paid_at),
    }));
  }
  const isPromised = (paymentNo: string): boolean =>
    db.query("select 1 from errand where payment_no = ? and kind = 'capture'").get(paymentNo) !== null;
  const addDelivery = (delivery: Omit<Delivery, "deliveryId" | "attempts">, dueAt: number) =>
    db
      .query("insert into errand (kind, payment_no, trade_no, status, behaviour, due_at) values (?, ?, ?, ?, ?, ?)")
      .run(delivery.kind, delivery.paymentNo, delivery.tradeNo, delivery.status, delivery.behaviour, Math.round(dueAt));

  function take(paymentNo: string, amountFen: Fen, behaviour: Behaviour, chosenMs: number, now: EpochMs): void {
    const spec = behaviours[behaviour];
    for (let count = 0; count < spec.trades; count++) {
      const { seq } = db.query<{ seq: number }, []>("select coalesce(max(trade_id), 0) + 1 as seq from trade").get()!;
      // The instant keeps numbers apart when the file was thrown away and begun again.
      const tradeNo = `SB${now}${String(seq).padStart(6, "0")}`;
      db.query("insert into trade (trade_no, payment_no, amount_fen, paid_at) values (?, ?, ?, ?)").run(
        tradeNo,
        paymentNo,
        amountFen,
        now,
      );
      for (const afterMs of spec.noticesAfterMs) {
        const dueAt = now + (afterMs === "chosen" ? chosenMs : afterMs) * scale;
        addDelivery({ kind: "notice", paymentNo, tradeNo, status: "paid", behaviour }, dueAt);
      }
    }
  }

  return {
    bill,
    trades,
    isPromised,

    /** False where the number already stands for another amount. */
    openBill: db.transaction((wanted: StartPayment, key: string): boolean => {
      const known = bill(wanted.paymentNo);
      if (known && known.amountFen !== wanted.amountFen) return false;
      if (known) {
        // A payer who comes again may read another language by now.
        db.query("update bill set subject = ?, language = ?, notify_url = ?, return_url = ? where payment_no = ?").run(
          wanted.subject,
          wanted.language,
          wanted.notifyUrl,
          wanted.returnUrl,
          wanted.paymentNo,
        );
        return true;
      }
      db.query(
        `insert into bill (payment_no, key, amount_fen, subject, language, pay_by, notify_url, return_url)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        wanted.paymentNo,
        key,
        wanted.amountFen,
        wanted.subject,
        wanted.language,
        wanted.payBy,
        wanted.notifyUrl,
        wanted.returnUrl,
      );
      return true;
    }).immediate,

    /** Takes or promises to take the money; a second press of the button takes nothing. */
    charge: db.transaction((paymentNo: string, behaviour: Behaviour, chosenMs: number, now: EpochMs): void => {
      const known = bill(paymentNo);
      if (!known || trades(paymentNo).length > 0 || isPromised(paymentNo)) return;
      const spec = behaviours[behaviour];
      if (spec.slow) db.query("update bill set slow = 1 where payment_no = ?").run(paymentNo);
      if (spec.capture === "now") take(paymentNo, known.amountFen, behaviour, chosenMs, now);
      else addDelivery({ kind: "capture", paymentNo, tradeNo: "", status: "paid", behaviour }, now + chosenMs * scale);
    }).immediate,
    captureAsPromised: db.transaction((delivery: Delivery, now: EpochMs): void => {
      const gone = db.query("delete from errand where errand_id = ?").run(delivery.deliveryId).changes === 0;
      const known = bill(delivery.paymentNo);
      if (!gone && known) take(delivery.paymentNo, known.amountFen, delivery.behaviour, 0, now);
    }).immediate,
    /** The payer said no. The bill stays open; one notice of it is enough. */
    decline: db.transaction((paymentNo: string, now: EpochMs): void => {
      const told = db.query("select 1 from errand where payment_no = ? and status = 'failed'").get(paymentNo) !== null;
      if (told || trades(paymentNo).length > 0 || isPromised(paymentNo)) return;
      addDelivery({ kind: "notice", paymentNo, tradeNo: "none", status: "failed", behaviour: "normal" }, now);
    }).immediate,

    /** When the refund is done, or why it cannot be. */
    refund: db.transaction(
      (order: RefundOrder, doneAt: EpochMs): EpochMs | "unknownTrade" | "anotherRefund" | "tooMuch" => {
        type Row = { trade_no: string; amount_fen: number; done_at: number };
        const known = db.query<Row, [string]>("select * from refund where refund_no = ?").get(order.refundNo);
        if (known) {
          const same = known.trade_no === order.tradeNo && known.amount_fen === order.amountFen;
          return same ? epochMs(known.done_at) : "anotherRefund";
        }
        const trade = trades(order.paymentNo).find(({ tradeNo }) => tradeNo === order.tradeNo);
        if (!trade) return "unknownTrade";
        const { given } = db
          .query<{ given: number }, [string]>(
            "select coalesce(sum(amount_fen), 0) as given from refund where trade_no = ?",
          )
          .get(order.tradeNo)!;
        if (given + order.amountFen > trade.amountFen) return "tooMuch";
        db.query("insert into refund (refund_no, trade_no, amount_fen, done_at) values (?, ?, ?, ?)").run(
          order.refundNo,
          order.tradeNo,
          order.amountFen,
          doneAt,
        );
        return doneAt;
      },
    ).immediate,
    givenBack: (paymentNo: string): Fen =>
      fen(
        db
          .query<{ given: number }, [string]>(
            "select coalesce(sum(amount_fen), 0) as given from refund where trade_no in (select trade_no from trade where payment_no = ?)",
          )
          .get(paymentNo)!.given,
      ),

    /** All that was taken and given back within, in its order. */
    statement(from: EpochMs, until: EpochMs): StatementLine[] {
      type Row = {
        payment_no: string;
        trade_no: string;
        refund_no: string | null;
        amount_fen: number;
        at: number;
      };
      const rows = db
        .query<Row, [number, number]>(
          `select payment_no, trade_no, null as refund_no, amount_fen, paid_at as at from trade
           where paid_at >= ?1 and paid_at < ?2
           union all
           select trade.payment_no, refund.trade_no, refund_no, refund.amount_fen, done_at as at
           from refund join trade using (trade_no) where done_at >= ?1 and done_at < ?2
           order by at`,
        )
        .all(from, until);
      return rows.map((row) => ({
        paymentNo: row.payment_no,
        tradeNo: row.trade_no,
        refundNo: row.refund_no,
        amountFen: fen(row.amount_fen),
        at: epochMs(row.at),
      }));
    },

    deliveriesDue(now: EpochMs, limit: number): Delivery[] {
      type Row = Omit<Delivery, "deliveryId" | "paymentNo" | "tradeNo"> & {
        errand_id: number;
        payment_no: string;
        trade_no: string;
      };
      const rows = db
        .query<Row, [number, number]>("select * from errand where due_at <= ? order by due_at, errand_id limit ?")
        .all(now, limit);
      return rows.map(({ errand_id, payment_no, trade_no, kind, status, behaviour, attempts }) => ({
        deliveryId: errand_id,
        paymentNo: payment_no,
        tradeNo: trade_no,
        kind,
        status,
        behaviour,
        attempts,
      }));
    },
    nextDeliveryAt: (): EpochMs | null => {
      const { at } = db.query<{ at: number | null }, []>("select min(due_at) as at from errand").get()!;
      return at === null ? null : epochMs(at);
    },
    deliveryDone: (deliveryId: number): void => {
      db.query("delete from errand where errand_id = ?").run(deliveryId);
    },
    deliverAgain: (deliveryId: number, dueAt: number): void => {
      db.query("update errand set attempts = attempts + 1, due_at = ? where errand_id = ?").run(
        Math.round(dueAt),
        deliveryId,
      );
    },
    close: () => db.close(),
  };
}

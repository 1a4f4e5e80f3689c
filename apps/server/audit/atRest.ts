/** What holds of a platform's books against what its clients and the bank know, once it has come to rest. */
import { entry, feeStates, type Records, ticket } from "./records.ts";

/** What a client was told, and never contradicted. */
export type Told = {
  /** Orders answered with 202, by their idempotency key. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Keys that were sent, whether or not an answer came. */
  readonly sent: ReadonlySet<string>;
};

/** I2: what was answered is there; a key never became two orders; nothing came from nowhere. */
export function acceptedIsKnown({ orders, entries }: Records, told: Told): string[] {
  const wrong: string[] = [];
  const waited = new Set(entries.map(({ id }) => id));
  const byKey = Map.groupBy(orders, (row) => `${row.user_id} ${row.idempotency_key}`);
  for (const [key, rows] of byKey) {
    if (rows.length > 1) wrong.push(`I2: key ${key} became ${rows.length} orders`);
    // An order of the waitlist has the id of an entry, which somebody asked for.
    if (!told.sent.has(key) && !waited.has(rows[0]!.id))
      wrong.push(`I2: order ${rows[0]!.order_no} was asked for by nobody`);
  }
  for (const [key, orderNo] of told.accepted) {
    const found = byKey.get(key)?.[0]?.order_no;
    if (found !== orderNo) wrong.push(`I2: key ${key} was answered ${orderNo}, and is ${found ?? "forgotten"}`);
  }
  return wrong;
}

/**
 * I3: for each order, what the bank took = fares of valid tickets + stated fees + what the bank gave back, and the prepayment of an entry that
 * still waits. Money of an entry is under the number of the order that it becomes, and tickets that replaced others without more money are on
 * the payment of those.
 */
export function moneyAddsUp({ payments, trades, refunds, tickets, entries }: Records): string[] {
  const orderOfPayment = new Map(payments.map(({ payment_no, order_no }) => [payment_no, order_no]));
  const balance = new Map<string, number>();
  const add = (orderNo: string, amount: number) => balance.set(orderNo, (balance.get(orderNo) ?? 0) + amount);
  for (const { payment_no, amount_fen } of trades)
    add(orderOfPayment.get(payment_no) ?? `payment ${payment_no}`, amount_fen);
  for (const { payment_no, amount_fen } of refunds)
    add(orderOfPayment.get(payment_no) ?? `payment ${payment_no}`, -amount_fen);
  for (const row of tickets) {
    const paidWith = orderOfPayment.get(row.payment_no ?? "") ?? row.order_no;
    if (row.ticket_status === ticket.issued || row.ticket_status === ticket.used) add(paidWith, -row.ticket_price);
    if (feeStates.includes(row.ticket_status)) add(paidWith, -(row.refund_fee ?? 0));
  }
  for (const { status, waitlist_no: no, prepay_fen: prepaid } of entries)
    if (status === entry.waiting || status === entry.granted) add(`E${no.slice(1)}`, -prepaid);
  return [...balance]
    .filter(([, fen]) => fen !== 0)
    .map(([orderNo, fen]) => `I3: order ${orderNo} is off by ${fen} fen`);
}

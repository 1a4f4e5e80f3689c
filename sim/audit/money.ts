/** I3: of all that the bank took every fen is on a valid ticket, a stated fee, or back with the payer. */
import { orderNoOf } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { BankBooks, PaymentFiles } from "./books.ts";
import type { Moment } from "./moment.ts";

export function moneyAddsUp(
  bank: BankBooks,
  files: PaymentFiles,
  orders: readonly OrderRecord[],
  entries: readonly WaitlistRecord[],
  moment: Moment,
): string[] {
  const wrong = bank.disputes.map((refundNo) => `I3: ${refundNo} was asked for with two amounts`);
  const byNo = new Map<string, OrderRecord>(orders.map((order) => [order.orderNo, order]));
  const waiting = new Map<string, WaitlistRecord>(
    entries
      .filter(({ state }) => state === "waiting" || state === "granted")
      .map((entry) => [orderNoOf(entry.entryId), entry]),
  );
  const byPayment = Map.groupBy(orders, (order) => order.paymentNo);
  const givenBack = new Map<string, number>();
  for (const { paymentNo, amountFen } of bank.refunds)
    givenBack.set(paymentNo, (givenBack.get(paymentNo) ?? 0) + amountFen);

  for (const [paymentNo, trades] of Map.groupBy(bank.trades, (trade) => trade.paymentNo)) {
    const file = files.get(paymentNo);
    if (!file) {
      wrong.push(`I3: the bank took money for ${paymentNo}, which nobody opened`);
      continue;
    }
    const { payment } = file;
    const takenFen = trades.reduce((sum, { amountFen }) => sum + amountFen, 0);
    const order = byNo.get(payment.orderNo);
    const isTheirs = order?.paymentNo === paymentNo;
    // Also of those that replaced some of its tickets, and cost no more.
    const tickets = isTheirs ? (byPayment.get(paymentNo) ?? []).flatMap((each) => each.tickets) : [];
    const onTickets = tickets
      .filter(({ state }) => state === "issued" || state === "used")
      .reduce((sum, { fareFen }) => sum + fareFen, 0);
    const entry = waiting.get(payment.orderNo);
    const waitsFen = entry?.captured?.paymentNo === paymentNo ? entry.captured.amountFen : 0;
    const fees = tickets.reduce((sum, { feeFen }) => sum + (feeFen ?? 0), 0);
    const backFen = givenBack.get(paymentNo) ?? 0;
    // A second trade of which nobody has told is found a day later.
    const isSettled = moment === "over" || (moment === "settled" && file.trades.length === trades.length);
    if (isSettled ? takenFen !== onTickets + fees + waitsFen + backFen : backFen > takenFen)
      wrong.push(
        `I3: of ${takenFen} fen for ${payment.orderNo} (${paymentNo}) ${onTickets} are on tickets, ${fees} fees, ${waitsFen} wait, ${backFen} back`,
      );
  }
  for (const order of orders) {
    const isPaid = ["paid", "ticketed", "completed", "refunded", "changed"].includes(order.state);
    if (isPaid !== (order.paymentNo !== null))
      wrong.push(`I3: ${order.orderNo} is ${order.state}, paid by ${order.paymentNo}`);
    if (order.paymentNo !== null && !bank.trades.some(({ paymentNo }) => paymentNo === order.paymentNo))
      wrong.push(`I3: nobody paid ${order.orderNo}`);
  }
  return wrong;
}

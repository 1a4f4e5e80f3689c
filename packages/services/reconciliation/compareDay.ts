/**
 * One reading of a day: everything of which money moved on it, or that was made on it, in our books, on statements, and in orders.
 * Reads page by page beside those who buy, and writes nothing.
 */
import {
  addDays,
  dateIn,
  daysBetween,
  type EpochMs,
  epochMs,
  hourMs,
  instantOfClock,
  type OrderId,
  orderIdOf,
  orderNoOf,
  type ServiceDate,
  type ZoneName,
} from "@chepiao/kernel";
import type { OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import type { BookedPayment, PaymentStore } from "@chepiao/ports/payment-store";
import type { ReconciliationCase } from "@chepiao/ports/reconciliation-store";
import type { WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import { againstOrders, isPaid, isYoung, refundedWithinMs, unpaidOrder } from "./againstOrders.ts";
import { againstStatement } from "./againstStatement.ts";
import { type Difference, isWithin, type Within } from "./difference.ts";
import type { Statements } from "./statements.ts";
import { addLine, addPayment, type DayTotals, noTotals } from "./totals.ts";

export type Books = {
  readonly orders: Pick<OrderStore, "createdSince" | "some">;
  readonly payments: Pick<PaymentStore, "booked" | "moved" | "overdue">;
  readonly waitlist: Pick<WaitlistStore, "loadAll">;
  readonly zone: ZoneName;
};

export type Comparison = {
  readonly differences: readonly Difference[];
  /** Payments and orders that were looked at. */
  readonly checked: number;
  /** Their numbers. */
  readonly lookedAt: ReadonlySet<string>;
  /** Payments that changed just now: nothing is said about those. */
  readonly young: ReadonlySet<string>;
  /** Channels that had no statement of the day. */
  readonly unstated: readonly string[];
  readonly totals: DayTotals;
};

/** Some milliseconds of a process in which people buy. */
const atOnce = 200;
/** Statements come the next morning. A provider that has none by the next noon has to be asked. */
const statementWithinMs = 36 * hourMs;
/** So far back the statements of other days are asked about a refund that took its time. */
const refundDaysMax = 31;

/** @returns null for a day that has not begun */
export function withinDay(day: ServiceDate, zone: ZoneName, now: EpochMs, watermarkMs: number): Within | null {
  const watermark = epochMs(now - watermarkMs);
  const from = instantOfClock(day, 0, zone);
  const until = epochMs(Math.min(instantOfClock(addDays(day, 1), 0, zone), watermark));
  return until > from ? { from, until, watermark, now } : null;
}

export async function compareDay(
  books: Books,
  statements: Statements,
  day: ServiceDate,
  within: Within,
  /** What was found before has to be looked at again, whenever its money moved. */
  open: readonly ReconciliationCase[],
): Promise<Comparison> {
  const found: Difference[] = [];
  const young = new Set<string>();
  const seen = new Set<string>();
  const totals = noTotals();
  let checked = 0;

  const stated = await Promise.all(statements.channels.map((channel) => statements.of(channel, day)));
  for (const statement of stated)
    for (const line of statement?.lines ?? []) if (isWithin(within, line.at)) addLine(totals, line);

  async function comparePayments(paymentNos: readonly string[], known: readonly OrderRecord[] = []) {
    const fresh = [...new Set(paymentNos)].filter((paymentNo) => !seen.has(paymentNo));
    for (let start = 0; start < fresh.length; start += atOnce)
      await compareSome(fresh.slice(start, start + atOnce), known);
  }

  async function compareSome(paymentNos: readonly string[], known: readonly OrderRecord[]) {
    const booked = new Map((await books.payments.booked(paymentNos)).map((each) => [each.payment.paymentNo, each]));
    const paidFor = await whatTheyPayFor([...booked.values()], known);
    for (const paymentNo of paymentNos) {
      seen.add(paymentNo);
      checked += 1;
      const own = booked.get(paymentNo) ?? null;
      for (const statement of stated) {
        const lines = statement?.byPayment.get(paymentNo) ?? [];
        const isTheirs = own?.payment.channel === statement?.channel;
        if (!statement || (!isTheirs && lines.length === 0)) continue;
        const { channel, statedFor } = statement;
        found.push(...againstStatement({ channel, booked: isTheirs ? own : null, lines, statedFor }, within));
      }
      if (own) compareOrders(own, paidFor);
    }
    const unknown = new Set<string | null>(paymentNos.filter((paymentNo) => !booked.has(paymentNo)));
    found.push(...known.filter((order) => isPaid(order) && unknown.has(order.paymentNo)).map(unpaidOrder));
  }

  function compareOrders(own: BookedPayment, { ordersOf, entryOf }: Awaited<ReturnType<typeof whatTheyPayFor>>) {
    const paid = { booked: own, orders: ordersOf(own), entry: entryOf(own) };
    addPayment(totals, own, within);
    if (isYoung(paid, within)) young.add(own.payment.paymentNo);
    else found.push(...againstOrders(paid, within));
  }

  /** Orders of these payments: those they were opened for, and from ticket to ticket those that replaced them. */
  async function whatTheyPayFor(booked: readonly BookedPayment[], known: readonly OrderRecord[]) {
    const ids = booked.map(({ payment }) => orderIdOf(payment.orderNo)!);
    const orders = new Map<OrderId, OrderRecord>(known.map((order) => [order.orderId, order]));
    for (let wanted = ids; wanted.length > 0;) {
      for (const order of await books.orders.some(wanted.filter((id) => !orders.has(id))))
        orders.set(order.orderId, order);
      const replacing = wanted.flatMap((id) => replacingOf(orders.get(id)));
      wanted = [...new Set(replacing)].filter((id) => !orders.has(id));
    }
    const byPayment = Map.groupBy(orders.values(), ({ paymentNo }) => paymentNo);
    const waiting = booked.filter(({ payment }) => payment.purpose === "waitlist");
    const entries = new Map<OrderId, WaitlistRecord>(
      (await books.waitlist.loadAll(waiting.map(({ payment }) => orderIdOf(payment.orderNo)!))).map((entry) => [
        entry.entryId,
        entry,
      ]),
    );
    return {
      ordersOf: ({ payment }: BookedPayment) => byPayment.get(payment.paymentNo) ?? [],
      entryOf: ({ payment }: BookedPayment) => entries.get(orderIdOf(payment.orderNo)!) ?? null,
    };
  }

  async function compareOrdersOf(orderIds: readonly OrderId[]) {
    const fresh = [...new Set(orderIds)].filter((orderId) => !seen.has(orderNoOf(orderId)));
    for (let start = 0; start < fresh.length; start += atOnce) {
      const some = fresh.slice(start, start + atOnce);
      const orders = await books.orders.some(some);
      for (const orderId of some) seen.add(orderNoOf(orderId));
      checked += orders.length;
      found.push(...orders.filter((order) => isPaid(order) && order.paymentNo === null).map(unpaidOrder));
      await comparePayments(
        orders.flatMap(({ paymentNo }) => paymentNo ?? []),
        orders,
      );
    }
  }

  for await (const page of books.orders.createdSince(within.from, within.until))
    await compareOrdersOf(page.map(({ orderId }) => orderId));
  for await (const page of books.payments.moved(within.from, within.until)) await comparePayments(page);
  for (const statement of stated) if (statement) await comparePayments([...statement.byPayment.keys()]);
  // Each try of a refund changes its time, so one that never ends is of no day.
  for await (const page of books.payments.overdue(epochMs(within.now - refundedWithinMs))) await comparePayments(page);
  await compareOrdersOf(open.flatMap(({ facts }) => orderIdOf(String(facts["orderNo"] ?? "")) ?? []));
  await comparePayments(open.flatMap(({ facts }) => (facts["paymentNo"] ? [String(facts["paymentNo"])] : [])));

  const kept = await withoutOtherDays(found, statements, day, books.zone);
  const unstated = statements.channels.filter((channel, n) => stated[n] === null || statements.unread.has(channel));
  const differences = [...kept, ...missing(unstated, day, within, books.zone)];
  return { differences: misplacedOnce(differences), checked, lookedAt: seen, young, unstated, totals };
}

const replacingOf = (order: OrderRecord | undefined): OrderId[] =>
  (order?.tickets ?? []).flatMap(({ replacedBy }) => (replacedBy ? (orderIdOf(replacedBy) ?? []) : []));

/** What is stated for another payment than it is booked for is one difference, and not one on either side. */
function misplacedOnce(differences: readonly Difference[]): Difference[] {
  const misplaced = new Set(differences.filter(({ kind }) => kind === "tradeMisplaced").map(({ subject }) => subject));
  return differences.filter(({ kind, subject }) => kind !== "tradeUnheard" || !misplaced.has(subject));
}

/** A refund that was settled on the day may have been given back on one before, and is on the statement of that. */
async function withoutOtherDays(
  found: readonly Difference[],
  statements: Statements,
  day: ServiceDate,
  zone: ZoneName,
): Promise<Difference[]> {
  const kept: Difference[] = [];
  for (const difference of found)
    if (difference.kind !== "refundNotStated" || (await isNowhere(difference, statements, day, zone)))
      kept.push(difference);
  return kept;
}

/** Not where a statement of a day before, which may have it, could not be read. */
async function isNowhere({ facts, subject }: Difference, statements: Statements, day: ServiceDate, zone: ZoneName) {
  const channel = String(facts["channel"]);
  const firstDay = dateIn(zone, epochMs(Number(facts["createdAt"])));
  const days = Math.min(daysBetween(firstDay, day), refundDaysMax);
  for (let back = 1; back <= days; back++) {
    const statement = await statements.of(channel, addDays(day, -back));
    const line = statement?.byRefund.get(subject.slice(channel.length + 1));
    if (line) return line.amountFen !== facts["booksFen"];
  }
  return !statements.unread.has(channel);
}

const missing = (channels: readonly string[], day: ServiceDate, { now }: Within, zone: ZoneName): Difference[] =>
  now < instantOfClock(addDays(day, 1), 0, zone) + statementWithinMs
    ? []
    : channels.map((channel) => ({ kind: "statementMissing", subject: `${channel} ${day}`, facts: { channel, day } }));

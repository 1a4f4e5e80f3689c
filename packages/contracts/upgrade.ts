/**
 * Records that versions before wrote, in today's shape. A log keeps records for a week, and an outbox or a dead letter for as long as
 * it takes; so what a version has written is understood for good.
 */
import type { AcceptedTicket, LogRecord, OrderAccepted, SeatsFreed } from "./events.ts";
import type { OrderLine } from "./lines.ts";

/** Before orders had lines (0.1.0): one run, one way and one class for all its tickets. */
type OrderOfOneLine = Omit<OrderAccepted, "lines" | "tickets"> &
  Omit<OrderLine, "line"> & { readonly lines?: undefined; readonly tickets: readonly Omit<AcceptedTicket, "line">[] };

/** To be called where a log hands out what it has read. */
export function upgradeRecord(record: LogRecord): LogRecord {
  switch (record.topic) {
    case "order-create-topic":
      return isOfOneLine(record.value) ? { ...record, value: upgradeOrder(record.value) } : record;
    case "inventory-update-topic":
      return isLined(record.value) ? record : { ...record, value: { ...(record.value as SeatsFreed), line: 0 } };
    default:
      return record;
  }
}

/** An accepted order, of whichever version: it had what is now its line 0. */
export function upgradeOrder(order: OrderAccepted | OrderOfOneLine): OrderAccepted {
  if (!isOfOneLine(order)) return order;
  const { orderId, orderNo, userId, totalFen, acceptedAt, payBy, idempotencyKey, requestHash, tickets, ...way } = order;
  const line: OrderLine = {
    line: 0,
    runId: way.runId,
    trainNumber: way.trainNumber,
    originDate: way.originDate,
    boardingDate: way.boardingDate,
    fromStop: way.fromStop,
    toStop: way.toStop,
    fromStationId: way.fromStationId,
    toStationId: way.toStationId,
    fromName: way.fromName,
    toName: way.toName,
    departAt: way.departAt,
    arriveAt: way.arriveAt,
    seatClass: way.seatClass,
    together: way.together,
    preferencesUnmet: way.preferencesUnmet,
  };
  return {
    orderId,
    orderNo,
    userId,
    lines: [line],
    totalFen,
    acceptedAt,
    payBy,
    idempotencyKey,
    requestHash,
    tickets: tickets.map((ticket) => ({ ...ticket, line: 0 })),
  };
}

/** A record may hold anything, as far as a log knows: what is no order is left to whoever takes it. */
const isOfOneLine = (order: object | null): order is OrderOfOneLine =>
  typeof order === "object" && order !== null && !("lines" in order) && "runId" in order && "tickets" in order;
const isLined = (freed: object | null) => typeof freed !== "object" || freed === null || "line" in freed;

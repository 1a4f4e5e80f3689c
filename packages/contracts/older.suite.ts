/** Records as version 0.1.0 wrote them: an order of one run, one way and one class. */
import type { LogRecord, OrderAccepted } from "./events.ts";

/** The order, as that version would have said it. */
export function asOf010(order: OrderAccepted): object {
  const { lines, tickets, ...rest } = order;
  const { line: _, ...way } = lines[0];
  return { ...rest, ...way, tickets: tickets.map(({ line: __, ...ticket }) => ticket) };
}

export const recordsOf010 = {
  created: (order: OrderAccepted) =>
    ({ topic: "order-create-topic", key: order.lines[0].runId, value: asOf010(order) }) as LogRecord,
  freed: {
    topic: "inventory-update-topic",
    key: "G1/2026-12-01",
    value: {
      orderId: 246913,
      runId: "G1/2026-12-01",
      seatClass: "second",
      fromStop: 0,
      toStop: 3,
      seatIndexes: [4],
      ticketNos: ["E00010000000000001-1"],
    },
  } as unknown as LogRecord,
};

/** What versions before wrote is understood for good. */
import { expect, test } from "bun:test";
import type { LogRecord } from "./events.ts";
import { recordsOf010 } from "./older.suite.ts";
import { upgradeOrder, upgradeRecord } from "./upgrade.ts";

/** To the letter as version 0.1.0 wrote it to its log. */
const written = `{"orderId":250108025242625,"orderNo":"E01830122123059200","userId":1,"runId":"G1/2026-12-01","trainNumber":"G1",
"originDate":"2026-12-01","boardingDate":"2026-12-01","fromStop":0,"toStop":3,"fromStationId":"A","toStationId":"D","fromName":"A站",
"toName":"D站","departAt":1796083200000,"arriveAt":1796094000000,"seatClass":"second","together":"adjacent","preferencesUnmet":1,
"totalFen":15000,"acceptedAt":1795320000000,"payBy":1795320900000,"idempotencyKey":"k","requestHash":"h","tickets":[
{"ticketNo":"E01830122123059200-1","passengerId":100,"name":"乘客0","documentType":"residentId","documentSealed":"sealed",
"documentHash":"1 own 0","documentMasked":"1101**********0012","ticketType":"adult","seatIndex":7,"coachNo":1,"seat":"01车02C",
"fareFen":15000}]}`;

test("an order of version 0.1.0 is an order of one line, whose seats stay where they were", () => {
  const old = { topic: "order-create-topic", key: "G1/2026-12-01", value: JSON.parse(written) } as LogRecord;
  const { value, ...rest } = upgradeRecord(old);
  expect(rest).toEqual({ topic: "order-create-topic", key: "G1/2026-12-01" });
  expect(value).toEqual({
    orderId: 250108025242625,
    orderNo: "E01830122123059200",
    userId: 1,
    lines: [
      {
        line: 0,
        runId: "G1/2026-12-01",
        trainNumber: "G1",
        originDate: "2026-12-01",
        boardingDate: "2026-12-01",
        fromStop: 0,
        toStop: 3,
        fromStationId: "A",
        toStationId: "D",
        fromName: "A站",
        toName: "D站",
        departAt: 1796083200000,
        arriveAt: 1796094000000,
        seatClass: "second",
        together: "adjacent",
        preferencesUnmet: 1,
      },
    ],
    totalFen: 15000,
    acceptedAt: 1795320000000,
    payBy: 1795320900000,
    idempotencyKey: "k",
    requestHash: "h",
    tickets: [
      {
        ticketNo: "E01830122123059200-1",
        line: 0,
        passengerId: 100,
        name: "乘客0",
        documentType: "residentId",
        documentSealed: "sealed",
        documentHash: "1 own 0",
        documentMasked: "1101**********0012",
        ticketType: "adult",
        seatIndex: 7,
        coachNo: 1,
        seat: "01车02C",
        fareFen: 15000,
      },
    ],
  } as never);
  // Once is enough.
  expect(upgradeOrder(value as never)).toBe(value as never);
});

test("seats that version 0.1.0 freed are those of line 0", () => {
  expect(upgradeRecord(recordsOf010.freed).value).toEqual({ ...recordsOf010.freed.value, line: 0 } as never);
});

test("what is in today's shape, of another topic, or no order at all is left as it is", () => {
  for (const record of [
    { topic: "payment-settled-topic", key: "k", value: { refundNo: "R1" } },
    { topic: "order-create-topic", key: "k", value: { orderId: 1 } },
    { topic: "order-create-topic", key: "k", value: null },
    { topic: "inventory-update-topic", key: "k", value: null },
    { topic: "inventory-update-topic", key: "k", value: { orderId: 1, line: 2 } },
  ])
    expect(upgradeRecord(record as never)).toBe(record as never);
});

/** What is held out to staff is in their language, whatever the page speaks. */
import { expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { renderToStaticMarkup } from "react-dom/server";
import { zh } from "../../messages/zh.ts";
import { isForStaff, LocalTrips } from "./StaffCard.tsx";

const order = {
  lines: [
    {
      line: 0,
      trainNumber: "G3",
      boardingDate: "2026-12-01",
      from: { stationId: "BJN", name: "北京南" },
      to: { stationId: "SHHQ", name: "上海虹桥" },
      departAt: "2026-12-01T06:56:00+08:00",
      arriveAt: "2026-12-01T11:20:00+08:00",
      seatClass: "first",
    },
  ],
  tickets: [
    { line: 0, ticketNo: "1", state: "issued", seat: "01车 4A", passengerName: "Anna Schmidt" },
    { line: 0, ticketNo: "2", state: "refunded", seat: "01车 4C", passengerName: "Erik Sommer" },
    { line: 0, ticketNo: "3", state: "used", seat: "01车 4D", passengerName: "Lena Vogt" },
  ],
} as unknown as Order;

test("train, day, stations and seats as they are signed; who is aboard as well, and nobody who gave the ticket back", () => {
  const card = renderToStaticMarkup(<LocalTrips order={order} local={zh} />);
  for (const text of [
    "G3",
    "12月1日",
    "06:56 北京南",
    "11:20 上海虹桥",
    "01车 4A · 一等座 · Anna Schmidt",
    "Lena Vogt",
  ])
    expect(card).toContain(text);
  expect(card).not.toContain("Erik");
});

test("it is offered where the page calls stations otherwise than their signs do", () => {
  expect(isForStaff(order, ({ name }) => name)).toBe(false);
  expect(isForStaff(order, () => "Beijing South")).toBe(true);
  const [line] = order.lines;
  const bern = { stationId: "A", name: "Bern" };
  const abroad = { ...order, lines: [{ ...line!, from: bern, to: bern }] };
  expect(isForStaff(abroad, () => "Berne")).toBe(false);
});

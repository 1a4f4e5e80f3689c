/** What stands on a ticket and in what is passed on of it, drawn without a browser. */
import { expect, test } from "bun:test";
import type { LineView, OrderTicket } from "@chepiao/contracts";
import { renderToStaticMarkup } from "react-dom/server";
import { LanguageProvider } from "../../lib/messages.tsx";
import { en } from "../../messages/en.ts";
import { ticketZh } from "../../messages/ticket.zh.ts";
import { zh } from "../../messages/zh.ts";
import { TicketFace } from "./TicketFace.tsx";
import { tripText } from "./TripActions.tsx";

const way = {
  trainNumber: "T1",
  originDate: "2026-12-10",
  boardingDate: "2026-12-10",
  from: { stationId: "BJN", name: "北京南" },
  to: { stationId: "SHH", name: "上海" },
  departAt: "2026-12-10T19:27:00+08:00",
  arriveAt: "2026-12-11T08:56:00+08:00",
  seatClass: "hardSleeper",
} as unknown as LineView;
const ticket = {
  ticketNo: "E1-1",
  line: 0,
  state: "issued",
  seat: "05车03号下铺",
  passengerName: "李四",
  documentMasked: "1101***********011",
  ticketType: "adult",
  fareFen: 30_450,
  code: "CP3.AAAA.BBBB",
} as unknown as OrderTicket;

const named = ({ name }: { readonly name: string }) =>
  name === "北京南" ? "Beijing South" : name === "上海" ? "Shanghai" : name;
const drawn = (over: Partial<OrderTicket>, first = en, nameOf = named) =>
  renderToStaticMarkup(
    <LanguageProvider first={first}>
      <TicketFace way={way} ticket={{ ...ticket, ...over }} nameOf={nameOf} />
    </LanguageProvider>,
  );

test("a night ticket says how long it takes, on which day it arrives, and how its stations are written over the platforms", () => {
  const face = drawn({});
  for (const text of ["19:27", "08:56", "+1", "Fri 11 Dec", "13 h 29 m", "Beijing South", "北京南", "Shanghai", "上海"])
    expect(face).toContain(text);
  // In their own language the stations have one name.
  expect(drawn({}, zh, ({ name }) => name).match(/北京南/g)).toHaveLength(1);
});

test("its seat is said in the language of the page, and two of one name are told apart by their documents", () => {
  expect(drawn({})).toContain("Coach 5, lower berth 3");
  for (const documentMasked of ["1101***********011", "3101***********28X"])
    expect(drawn({ documentMasked })).toContain(documentMasked);
});

test("its train leads to the stops that are to come, and on paper the railway is named", () => {
  expect(drawn({})).toContain('href="/train?number=T1&amp;date=2026-12-10"');
  expect(drawn({})).toContain(`<b class="print-only">${en.brand}</b>`);
});

test("what was given back has its fee and its refund, and no code", () => {
  const refunded = drawn({ state: "refunded", feeFen: 3_050, refundFen: 27_400 });
  expect(refunded).toContain(ticketZh.refunded("¥30.50", "¥274"));
  expect(refunded).not.toContain("<svg");
  expect(drawn({})).toContain("<svg");
});

test("who is sent a trip reads train, day, stations and when it arrives, and not who travels", () => {
  expect(tripText(way, named, en)).toBe("T1 · Thu 10 Dec\n19:27 Beijing South → Fri 11 Dec 08:56 Shanghai");
});

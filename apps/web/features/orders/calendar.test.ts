/** A ticket in a calendar. */
import { expect, test } from "bun:test";
import { calendarOf } from "./calendar.ts";

const trip = {
  id: "E00420000000000001",
  departAt: "2026-12-10T19:27:00+08:00",
  arriveAt: "2026-12-11T08:56:00+08:00",
  title: "T1 北京 → 上海",
  place: "北京; platform 3, hall\\north",
  notes: ["05车 3号下铺 张伟", "06车 21号中铺 李娜, 王小明 也在这一趟很长很长很长很长很长很长很长的车上"],
  url: "https://tickets.example/order/E00420000000000001",
  now: "2026-12-01T00:00:05+08:00",
};

test("an overnight trip is in the calendar at its own moments, whatever the zone of the reader", () => {
  const text = calendarOf([trip]);
  for (const line of ["DTSTART:20261210T112700Z", "DTEND:20261211T005600Z", "DTSTAMP:20261130T160005Z"])
    expect(text).toContain(`\r\n${line}\r\n`);
  expect(text).toContain("UID:E00420000000000001@chepiao");
});

test("every line ends as the standard has it, is short, and is cut between characters", () => {
  const text = calendarOf([trip]);
  expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  for (const line of text.split("\r\n")) {
    expect(new TextEncoder().encode(line).byteLength).toBeLessThanOrEqual(75);
    expect(line).not.toContain("\ufffd");
  }
  const whole = text.replaceAll("\r\n ", "");
  expect(whole).toContain("LOCATION:北京\\; platform 3\\, hall\\\\north");
  expect(whole).toContain("DESCRIPTION:05车 3号下铺 张伟\\n06车 21号中铺 李娜\\, 王小明 也在");
});

test("a journey of two trains is two entries of one calendar, each known again by itself", () => {
  const text = calendarOf([trip, { ...trip, id: `${trip.id}-1` }]);
  expect(text.match(/BEGIN:VCALENDAR/g)?.length).toBe(1);
  expect(text.match(/UID:.*/g)).toEqual([`UID:${trip.id}@chepiao`, `UID:${trip.id}-1@chepiao`]);
});

test("what has a time of its own to be reminded by is reminded then", () => {
  expect(calendarOf([trip])).toContain("TRIGGER:-PT2H");
  expect(calendarOf([{ ...trip, remindBefore: "PT10M" }])).toContain("TRIGGER:-PT10M");
});

/** Who may buy which ticket, on which day and in which class. */
import { expect, test } from "bun:test";
import { type ServiceDate, serviceDate } from "@chepiao/kernel";
import { ageOn, type Buyer, mayBuy as mayBuyBy } from "./eligibility.ts";
import { policyDefault } from "./policy.ts";
import { type SeatClass, seatClasses, type TicketType, ticketTypes } from "./vocabulary.ts";

const mayBuy = (...[type, buyer, seatClass, date]: [TicketType, Buyer, SeatClass, ServiceDate]) =>
  mayBuyBy(type, buyer, seatClass, date, policyDefault.fares);
const travel = serviceDate("2026-12-01");
const born = (birthDate: string | null, ticketType: Buyer["ticketType"] = "adult"): Buyer => ({
  ticketType,
  birthDate: birthDate === null ? null : serviceDate(birthDate),
});

test("everybody may pay the full fare", () => {
  for (const ticketType of ticketTypes)
    expect(mayBuy("adult", born("2018-01-01", ticketType), "second", travel)).toBe(true);
});

test("a child ticket is for those under 14 on the day of travel, whatever they are on the day of buying", () => {
  expect(mayBuy("child", born("2012-12-02"), "second", travel)).toBe(true);
  expect(mayBuy("child", born("2012-12-01"), "second", travel)).toBe(false);
  expect(mayBuy("child", born("2012-11-30"), "second", travel)).toBe(false);
  expect(mayBuy("child", born("2020-12-01"), "second", travel)).toBe(true);
  expect(mayBuy("child", born("2023-06-01"), "second", travel)).toBe(true);
});

test("nobody is a child whose birth date is unknown, declared or not, or who is not born yet", () => {
  expect(mayBuy("child", born(null, "child"), "second", travel)).toBe(false);
  expect(mayBuy("child", born("2027-01-01", "child"), "second", travel)).toBe(false);
});

test("students and disabled veterans are taken as declared, and as nothing else", () => {
  expect(mayBuy("student", born(null, "student"), "second", travel)).toBe(true);
  expect(mayBuy("disabledVeteran", born(null, "disabledVeteran"), "second", travel)).toBe(true);
  expect(mayBuy("student", born(null, "adult"), "second", travel)).toBe(false);
  expect(mayBuy("student", born(null, "disabledVeteran"), "second", travel)).toBe(false);
});

test("age is counted in full years, also for those born on 29 February", () => {
  expect(ageOn(serviceDate("2012-02-29"), serviceDate("2026-02-28"))).toBe(13);
  expect(ageOn(serviceDate("2012-02-29"), serviceDate("2026-03-01"))).toBe(14);
});

test("a student ticket is sold up to first class, not above", () => {
  const sold = seatClasses.filter((seatClass) => mayBuy("student", born(null, "student"), seatClass, travel));
  expect(sold).toEqual(["first", "second", "hardSleeper", "hardSeat", "standing"]);
});

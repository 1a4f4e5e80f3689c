/** Who may buy which ticket, on which day and in which class. */
import { expect, test } from "bun:test";
import { type ServiceDate, serviceDate } from "@chepiao/kernel";
import { ageOn, type Buyer, discountOf, isWithoutAdult, mayBuy as mayBuyBy } from "./eligibility.ts";
import { policyDefault, withChanges } from "./policy.ts";
import { type SeatClass, seatClasses, type TicketType, ticketTypes } from "./vocabulary.ts";

const mayBuy = (ticketType: TicketType, buyer: Buyer, seatClass: SeatClass, travelDate: ServiceDate) =>
  mayBuyBy({ ticketType, seatClass, trainType: "fast", travelDate }, buyer, policyDefault.fares);
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

test("on multiple units another share is paid where the railway says so, of a ticket that it sells at all", () => {
  const { fares } = policyDefault;
  expect(discountOf(fares, "emu", "student", "softSleeper")).toBe(75);
  expect(discountOf(fares, "fast", "student", "softSleeper")).toBeUndefined();
  expect(discountOf(fares, "emu", "student", "second")).toBe(75);
  expect(discountOf(fares, "emu", "adult", "softSleeper")).toBeUndefined();
  const none = withChanges(fares, { discounts: { student: null } });
  expect(discountOf(none, "emu", "student", "softSleeper")).toBeUndefined();
});

test("children are alone where none of those who travel is known to be older, whatever ticket they have", () => {
  const { fares } = policyDefault;
  const [child, young, grown] = [born("2018-01-01", "child"), born("2018-01-01"), born("1990-01-01")];
  expect([[child], [young], [child, young]].map((each) => isWithoutAdult(each, travel, fares))).toEqual([
    true,
    true,
    true,
  ]);
  expect(isWithoutAdult([child, grown], travel, fares)).toBe(false);
  // Whose age nobody knows is taken for grown up, but on a child's ticket.
  expect(isWithoutAdult([born(null)], travel, fares)).toBe(false);
  expect(isWithoutAdult([born(null, "child")], travel, fares)).toBe(true);
  expect(isWithoutAdult([child], travel, withChanges(fares, { childWithAdult: null }))).toBe(false);
});

/**
 * Who may buy which ticket. Children are judged by their age on the day of travel; students and disabled veterans by what
 * their saved passenger declares, since their papers are checked at the station.
 */
import type { ServiceDate } from "@chepiao/kernel";
import type { SeatClass, TicketType } from "./vocabulary.ts";

/** From this age on a passenger pays the full fare. */
export const adultFromYears = 14;

export type Buyer = {
  /** What the saved passenger declares. */
  readonly ticketType: TicketType;
  readonly birthDate: ServiceDate | null;
};

/** Students get no reduction in the classes above these; sleepers of multiple units would be one, but are not told apart here. */
const studentClasses: readonly SeatClass[] = ["first", "second", "hardSleeper", "hardSeat", "standing"];

/** May this passenger buy such a ticket for that day? */
export function mayBuy(ticketType: TicketType, buyer: Buyer, seatClass: SeatClass, travelDate: ServiceDate): boolean {
  const declared = ticketType === "adult" || ticketType === "child" || buyer.ticketType === ticketType;
  return declared && ticketTypeAllowed(ticketType, seatClass, buyer.birthDate, travelDate);
}

/**
 * The part of the rule that is not a declaration. Everybody may pay the full fare. A child ticket is for whoever is under 14
 * that day: from 6 years on it is due, and under 6 it is what a seat of one's own costs, since travelling free is without a
 * seat and needs no ticket.
 */
function ticketTypeAllowed(
  ticketType: TicketType,
  seatClass: SeatClass,
  birthDate: ServiceDate | null,
  travelDate: ServiceDate,
): boolean {
  if (ticketType === "child") return isChild(birthDate, travelDate);
  return ticketType !== "student" || studentClasses.includes(seatClass);
}

/** Unknown where the birth date is: then nobody is taken for a child. */
export function isChild(birthDate: ServiceDate | null, on: ServiceDate): boolean {
  return birthDate !== null && birthDate <= on && ageOn(birthDate, on) < adultFromYears;
}

/** Full years. Who was born on 29 February is a year older on 1 March of a common year. */
export function ageOn(birthDate: ServiceDate, on: ServiceDate): number {
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return on.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

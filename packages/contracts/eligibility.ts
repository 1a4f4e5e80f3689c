/**
 * Who may buy which ticket. Children are judged by their age on the day of travel; students and disabled veterans by what
 * their saved passenger declares, since their papers are checked at the station.
 */
import type { ServiceDate } from "@chepiao/kernel";
import type { Policy } from "./policy.ts";
import type { SeatClass, TicketType } from "./vocabulary.ts";

/** What the railway's policy says of who pays less. */
type FareRules = Pick<Policy["fares"], "childBelow" | "discounts">;

export type Buyer = {
  /** What the saved passenger declares. */
  readonly ticketType: TicketType;
  readonly birthDate: ServiceDate | null;
};

/** May this passenger buy such a ticket for that day? */
export function mayBuy(
  ticketType: TicketType,
  buyer: Buyer,
  seatClass: SeatClass,
  travelDate: ServiceDate,
  fares: FareRules,
): boolean {
  // Every passenger may pay the full fare.
  if (ticketType === "adult") return true;
  const isTheirs =
    ticketType === "child" ? isChild(buyer.birthDate, travelDate, fares) : buyer.ticketType === ticketType;
  return isTheirs && isReduced(ticketType, seatClass, fares);
}

/** Is there a reduced fare in that class? Who stands pays that of the class he stands in. */
function isReduced(ticketType: Exclude<TicketType, "adult">, seatClass: SeatClass, { discounts }: FareRules): boolean {
  const ofType = discounts[ticketType];
  if (seatClass === "standing") return ofType?.second !== undefined || ofType?.hardSeat !== undefined;
  return ofType?.[seatClass] !== undefined;
}

/** Unknown where the birth date is: then nobody is taken for a child. */
export function isChild(
  birthDate: ServiceDate | null,
  on: ServiceDate,
  { childBelow }: Pick<FareRules, "childBelow">,
): boolean {
  return birthDate !== null && birthDate <= on && ageOn(birthDate, on) < childBelow;
}

/** Full years. Who was born on 29 February is a year older on 1 March of a common year. */
export function ageOn(birthDate: ServiceDate, on: ServiceDate): number {
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return on.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

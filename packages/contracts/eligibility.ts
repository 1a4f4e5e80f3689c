/**
 * Who may buy which ticket. Children are judged by their age on the day of travel; students and disabled veterans by what
 * their saved passenger declares, since their papers are checked at the station.
 */
import type { ServiceDate } from "@chepiao/kernel";
import type { Discount, DiscountClass, Policy } from "./policy.ts";
import type { SeatClass, TicketType, TrainType } from "./vocabulary.ts";

/** What the railway's policy says of who pays less. */
type FareRules = Pick<
  Policy["fares"],
  "childBelow" | "childWithAdult" | "discounts" | "freeChildBelow" | "multipleUnitDiscounts"
>;
/** And of children who travel alone, or free. */
export type ChildRules = Pick<FareRules, "childBelow" | "childWithAdult" | "freeChildBelow">;

export type Buyer = {
  /** What the saved passenger declares. */
  readonly ticketType: TicketType;
  readonly birthDate: ServiceDate | null;
};
/** What is asked for. */
export type TicketAsked = {
  readonly ticketType: TicketType;
  readonly seatClass: SeatClass;
  readonly trainType: TrainType;
  readonly travelDate: ServiceDate;
};

const multipleUnits: ReadonlySet<TrainType> = new Set(["highSpeed", "emu", "intercity"]);

/** What such a passenger pays of the fare; undefined where the class has no such ticket, and of adults. */
export function discountOf(
  { discounts, multipleUnitDiscounts }: Pick<FareRules, "discounts" | "multipleUnitDiscounts">,
  trainType: TrainType,
  ticketType: TicketType,
  seatClass: DiscountClass,
): Discount | undefined {
  if (ticketType === "adult") return undefined;
  const ofType = discounts[ticketType];
  if (!ofType) return undefined;
  const ofUnit = multipleUnits.has(trainType) ? multipleUnitDiscounts?.[ticketType]?.[seatClass] : undefined;
  return ofUnit ?? ofType[seatClass];
}

/** May this passenger buy such a ticket? */
export function mayBuy(asked: TicketAsked, buyer: Buyer, fares: FareRules): boolean {
  const { ticketType, travelDate } = asked;
  // Every passenger may pay the full fare.
  if (ticketType === "adult") return true;
  const isTheirs =
    ticketType === "child" ? isChild(buyer.birthDate, travelDate, fares) : buyer.ticketType === ticketType;
  return isTheirs && isReduced(asked, fares);
}

/** Is there a reduced fare in that class? Who stands pays that of the class he stands in. */
function isReduced({ ticketType, seatClass, trainType }: TicketAsked, fares: FareRules): boolean {
  const isIn = (each: DiscountClass) => discountOf(fares, trainType, ticketType, each) !== undefined;
  return seatClass === "standing" ? isIn("second") || isIn("hardSeat") : isIn(seatClass);
}

/** Are those who travel together children alone, though the railway wants somebody with them? */
export function isWithoutAdult(together: readonly Buyer[], travelDate: ServiceDate, fares: ChildRules): boolean {
  const isYoung = (buyer: Buyer) => !isAdult(buyer, travelDate, fares);
  return fares.childWithAdult === true && together.length > 0 && together.every(isYoung);
}

/** May this traveller take a child along? Whoever has a child's ticket, or is young enough for one, is no adult. */
export const isAdult = (
  { ticketType, birthDate }: Buyer,
  travelDate: ServiceDate,
  fares: Pick<FareRules, "childBelow">,
): boolean => ticketType !== "child" && !isChild(birthDate, travelDate, fares);

/** Unknown where the birth date is: then nobody is taken for a child. */
export const isChild = (
  birthDate: ServiceDate | null,
  on: ServiceDate,
  { childBelow }: Pick<FareRules, "childBelow">,
): boolean => isYounger(birthDate, on, childBelow);

/** May it travel free, without a seat, with an adult? */
export const isFreeChild = (
  birthDate: ServiceDate | null,
  on: ServiceDate,
  { freeChildBelow }: Pick<FareRules, "freeChildBelow">,
): boolean => freeChildBelow !== undefined && isYounger(birthDate, on, freeChildBelow);

const isYounger = (birthDate: ServiceDate | null, on: ServiceDate, than: number): boolean =>
  birthDate !== null && birthDate <= on && ageOn(birthDate, on) < than;

/** Full years. Who was born on 29 February is a year older on 1 March of a common year. */
export function ageOn(birthDate: ServiceDate, on: ServiceDate): number {
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return on.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

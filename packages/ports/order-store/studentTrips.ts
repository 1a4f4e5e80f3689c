/**
 * Single trips at the student fare, of which a document has so many a school year (rule 5.11 of the railway's). They are counted when an order is
 * written: a trip counts long after it has ended, until it is given back or becomes another. Pure.
 */
import { lineOf, type OrderAccepted, type Refusal, refusal } from "@chepiao/contracts";
import { addDays, type OrderId, type ServiceDate } from "@chepiao/kernel";
import { limitedPerson, type StudentLimit, type TripLimits } from "@chepiao/ports/reservations";
import { isTripState, liveTicketStates, type OrderRecord, type StudentTrip, type StudentYear } from "./orderStore.ts";

/** A school year is over so long after it has begun. */
export const daysOfYear = 366;

/** The first day of the school year in which that day is. The calendar knows it of days that are `inSomeSchoolYear`. */
export function schoolYearOf(date: ServiceDate, { yearStart }: Pick<StudentLimit, "yearStart">): ServiceDate {
  const start = dayOf(yearOf(date), yearStart);
  return date >= start ? start : dayOf(yearOf(date) - 1, yearStart);
}

/** The last one. */
export const schoolYearEnds = (yearFrom: ServiceDate, { yearStart }: Pick<StudentLimit, "yearStart">): ServiceDate =>
  addDays(dayOf(yearOf(yearFrom) + 1, yearStart), -1);

/** Dates have four digits for the year: before and behind it must be one, too. */
export const inSomeSchoolYear = (date: ServiceDate): boolean => yearOf(date) > 0 && yearOf(date) < 9_999;

const yearOf = (date: ServiceDate): number => Number(date.slice(0, 4));
const dayOf = (year: number, dayOfYear: string) => `${String(year).padStart(4, "0")}-${dayOfYear}` as ServiceDate;

type Claiming = Pick<OrderAccepted, "lines" | "orderId" | "replaces" | "tickets" | "userId">;
/** An order, and of which others its tickets are to stand in place. */
type Replacing = {
  readonly orderId: OrderId;
  readonly replaces?: { readonly orderId: OrderId; readonly tickets: readonly Pick<StudentTrip, "ticketNo">[] };
};

/** What the order takes of them, a trip each ticket; mostly nothing. */
export function studentTripsOf(order: Claiming, { students }: Pick<TripLimits, "students">): StudentTrip[] {
  if (!students) return [];
  return order.tickets
    .filter(({ ticketType }) => ticketType === "student")
    .map((ticket) => ({
      orderId: order.orderId,
      ticketNo: ticket.ticketNo,
      documentHash: limitedPerson(ticket, order.userId),
      yearFrom: schoolYearOf(lineOf(order, ticket).boardingDate, students),
    }));
}

/** Those of them that the order has given up. */
export function endedStudentTripsOf(order: OrderRecord): Pick<StudentTrip, "documentHash" | "ticketNo">[] {
  const isLive = ({ state }: { readonly state: string }) => (liveTicketStates as readonly string[]).includes(state);
  return order.tickets
    .filter((ticket) => ticket.ticketType === "student" && !(isTripState(order.state) && isLive(ticket)))
    .map((ticket) => ({ ticketNo: ticket.ticketNo, documentHash: limitedPerson(ticket, order.userId) }));
}

/** Is it of a ticket that the order is to stand in place of? Then it is given back with it. */
const isReplaced = ({ replaces }: Replacing, { orderId, ticketNo }: Named): boolean =>
  replaces?.orderId === orderId && replaces.tickets.some((ticket) => ticket.ticketNo === ticketNo);
type Named = Pick<StudentTrip, "orderId" | "ticketNo">;

/** @param countedOf what counts already of that document and year, of whichever orders */
export function studentRefusal(
  order: Replacing,
  asked: readonly StudentTrip[],
  countedOf: (year: StudentYear) => readonly Named[],
  { students }: Pick<TripLimits, "students">,
): Refusal | null {
  if (!students) return null;
  const taken: StudentTrip[] = [];
  for (const trip of asked) {
    const counting = countedOf(trip).filter((each) => each.orderId !== order.orderId && !isReplaced(order, each));
    // A batch that is written again meets what it had taken before.
    const others = new Set(counting.map(({ ticketNo }) => ticketNo));
    const own = taken.filter((each) => each.documentHash === trip.documentHash && each.yearFrom === trip.yearFrom);
    if (others.size + own.length >= students.perYear)
      return refusal("StudentTripsUsed", { limit: students.perYear, from: trip.yearFrom });
    taken.push(trip);
  }
  return null;
}

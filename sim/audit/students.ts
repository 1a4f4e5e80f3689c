/** Trips at the student fare, by the tickets that there are: as many as a document may have, and each counted as long as somebody has it. */
import type { OrderRecord, StudentTrip } from "@chepiao/ports/order-store";
import { studentTrips } from "../railway.ts";
import { liveTickets, personOf } from "./orders.ts";

type Live = ReturnType<typeof liveTickets>[number];

const ofStudents = (orders: readonly OrderRecord[]): Live[] =>
  liveTickets(orders).filter(({ ticket }) => ticket.ticketType === "student");

/** All days of the simulation are in two school years. */
const isLater = ({ line: { boardingDate } }: Live) => boardingDate.slice(5) >= studentTrips.yearStart;

/** I6. */
export function studentTripsHold(orders: readonly OrderRecord[]): string[] {
  const byPerson = Map.groupBy(ofStudents(orders), (live) => `${personOf(live)} ${isLater(live) ? "after" : "before"}`);
  return [...byPerson]
    .filter(([, trips]) => trips.length > studentTrips.perYear)
    .map(
      ([person, trips]) =>
        `I6: ${person.slice(0, 8)} has ${trips.length} student trips in a year, the last by ${trips.at(-1)!.order.orderNo}`,
    );
}

/** I6: none is lost, and none is counted that nobody has. */
export function studentTripsAreTickets(counted: readonly StudentTrip[], orders: readonly OrderRecord[]): string[] {
  const left = new Set(counted.map(({ ticketNo }) => ticketNo));
  const missing = ofStudents(orders).filter(({ ticket }) => !left.delete(ticket.ticketNo));
  return [
    ...missing.map(({ ticket }) => `I6: ${ticket.ticketNo} is ${ticket.state}, and does not count as a student trip`),
    ...[...left].map((ticketNo) => `I6: ${ticketNo} counts as a student trip, and nobody has it`),
  ];
}

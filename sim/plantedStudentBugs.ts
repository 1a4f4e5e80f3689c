/**
 * Bugs of trips at the student fare. Not planted, because they come too seldom: that a change takes the new ticket's trip with the old one's, and that of
 * two who want the last trip at one moment the writer asks neither.
 */
import type { PlantedBug } from "./planted.ts";

const rule = "packages/ports/order-store/studentTrips.ts";
const store = "packages/ports/order-store/orderStore.memory.ts";

export const plantedStudentBugs: readonly PlantedBug[] = [
  {
    name: "student-trip-not-given-back",
    about: "a student ticket that was given back, or lapsed, goes on counting (I6)",
    file: store,
    find: "for (const { ticketNo } of endedStudentTripsOf(order)) studentTrips.delete(ticketNo);",
    replace: "",
  },
  {
    name: "student-trips-of-other-orders-uncounted",
    about: "whoever has had all trips of a school year buys another at the student fare (I6)",
    file: rule,
    find: "others.size + own.length >= students.perYear",
    replace: "own.length >= students.perYear",
  },
  {
    name: "student-trips-of-one-order-counted-as-one",
    about: "who buys the way there and back in one order is asked for one student trip, and has two (I6)",
    file: rule,
    find: "others.size + own.length >= students.perYear",
    replace: "others.size >= students.perYear",
  },
];

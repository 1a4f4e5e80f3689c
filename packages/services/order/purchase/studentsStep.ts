/**
 * Step 4: whoever buys at the student fare has trips left in the school year. Asks only about those; who is quicker than another is settled when the order
 * is written. Takes nothing.
 */
import { refusal } from "@chepiao/contracts";
import {
  type OrderStore,
  schoolYearOf,
  studentRefusal,
  type StudentTrip,
  type StudentYear,
} from "@chepiao/ports/order-store";
import { limitedPerson } from "@chepiao/ports/reservations";
import { ticketNoOf, writtenOf } from "./acceptedOrder.ts";
import { type Draft, type Ended, failed, reasonOf, refused, type Step } from "./step.ts";

export type StudentsStepDeps = {
  readonly store: Pick<OrderStore, "studentTrips">;
  readonly report: (message: string, error: unknown) => void;
};

export function createStudentsStep({ store, report }: StudentsStepDeps): Step {
  async function refusedOf(draft: Draft, asked: readonly StudentTrip[]): Promise<Ended | null> {
    if (asked.length === 0) return null;
    try {
      const counted = await store.studentTrips(asked);
      const replaces = replacedBy(draft);
      const order = { orderId: draft.orderId, ...(replaces ? { replaces } : {}) };
      const why = studentRefusal(order, asked, (year) => counted[asked.findIndex(isOf(year))]!, draft.rules!.limits);
      return why && refused(refusal("StudentTripsUsed", why.facts));
    } catch (error) {
      report("the student trips of a purchase could not be read", error);
      return failed(reasonOf(error));
    }
  }

  return {
    name: "students",
    do(drafts) {
      const asked = drafts.map(studentTripsAsked);
      // Mostly nobody buys at that fare, and this is all that it costs.
      if (asked.every((trips) => trips.length === 0)) return null;
      return Promise.all(drafts.map((draft, n) => refusedOf(draft, asked[n]!)));
    },
    undo: null,
  };
}

const isOf =
  ({ documentHash, yearFrom }: StudentYear) =>
  (other: StudentYear) =>
    other.documentHash === documentHash && other.yearFrom === yearFrom;

const noTrips: readonly StudentTrip[] = [];

function studentTripsAsked({ command, orderId, orderNo, plans, rules }: Draft): readonly StudentTrip[] {
  const { students } = rules!.limits;
  if (!students) return noTrips;
  let ticket = 0;
  return plans!.flatMap(({ boardingDate, passengers }) =>
    passengers.flatMap(({ passenger, ticketType }) => {
      const ticketNo = ticketNoOf(orderNo, ticket++);
      if (ticketType !== "student") return [];
      const documentHash = limitedPerson(writtenOf(passenger), command.userId);
      return [{ orderId, ticketNo, documentHash, yearFrom: schoolYearOf(boardingDate, students) }];
    }),
  );
}

const replacedBy = ({ command: { replacing }, change }: Draft) =>
  replacing && change
    ? { orderId: replacing.order.orderId, tickets: change.tickets.map(({ ticketNo }) => ({ ticketNo })) }
    : undefined;

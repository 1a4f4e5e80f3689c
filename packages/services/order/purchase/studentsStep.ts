/**
 * Step 5: whoever buys at the student fare has trips left in the school year. Asks only about those; who is quicker than another is settled when the order
 * is written, and so is who could not be asked about in time: all others of the batch wait for it. Takes nothing.
 */
import type { TicketType } from "@chepiao/contracts";
import {
  type OrderStore,
  schoolYearOf,
  studentRefusal,
  type StudentTrip,
  type StudentYear,
} from "@chepiao/ports/order-store";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { limitedPerson } from "@chepiao/ports/reservations";
import { ticketNoOf, writtenOf } from "./acceptedOrder.ts";
import { onLine } from "./plan.ts";
import { type Draft, type Ended, refused, type Step } from "./step.ts";

export type StudentsStepDeps = {
  readonly clock: Pick<Clock, "after">;
  readonly store: Pick<OrderStore, "studentTrips">;
  readonly report: (message: string, error: unknown) => void;
};

const askedForMs = secondMs;

export function createStudentsStep({ clock, store, report }: StudentsStepDeps): Step {
  async function countedOf(asked: readonly Asked[]): Promise<readonly (readonly StudentTrip[])[] | null> {
    let stop = () => {};
    const tooLate = new Promise<null>((resolve) => {
      stop = clock.after(askedForMs, () => resolve(null));
    });
    try {
      return await Promise.race([store.studentTrips(asked), tooLate]);
    } catch (error) {
      report("the student trips of a purchase could not be read; they are counted when it is written", error);
      return null;
    } finally {
      stop();
    }
  }

  async function refusedOf(draft: Draft, asked: readonly Asked[]): Promise<Ended | null> {
    if (asked.length === 0) return null;
    const counted = await countedOf(asked);
    if (counted === null) return null;
    const replaces = replacedBy(draft);
    const order = { orderId: draft.orderId, ...(replaces ? { replaces } : {}) };
    const countedIn = (year: StudentYear) => counted[asked.findIndex(isOf(year))]!;
    for (const [n, { line, ticket }] of asked.entries()) {
      const why = studentRefusal(order, asked.slice(0, n + 1), countedIn, limitsOf(draft));
      if (why) return refused(onLine({ ...why, facts: { ...why.facts, ticket } }, line, draft.plans!.length));
    }
    return null;
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

/** With the place of its traveller on its line. */
type Asked = StudentTrip & { readonly line: number; readonly ticket: number };
const noTrips: readonly Asked[] = [];
const isStudent = ({ ticketType }: { readonly ticketType: TicketType }) => ticketType === "student";

function studentTripsAsked({ command, orderId, orderNo, plans, rules }: Draft): readonly Asked[] {
  const { students } = rules!.limits;
  if (!students || !plans!.some(({ passengers }) => passengers.some(isStudent))) return noTrips;
  let tickets = 0;
  return plans!.flatMap(({ boardingDate, passengers }, line) =>
    passengers.flatMap(({ passenger, ticketType }, ticket) => {
      const ticketNo = ticketNoOf(orderNo, tickets++);
      if (ticketType !== "student") return [];
      const documentHash = limitedPerson(writtenOf(passenger), command.userId);
      return [{ orderId, ticketNo, documentHash, yearFrom: schoolYearOf(boardingDate, students), line, ticket }];
    }),
  );
}

const limitsOf = ({ command, rules }: Draft) => (command.byRailway ? rules!.moveLimits : rules!.limits);

const replacedBy = ({ command: { replacing }, change }: Draft) =>
  replacing && change
    ? { orderId: replacing.order.orderId, tickets: change.tickets.map(({ ticketNo }) => ({ ticketNo })) }
    : undefined;

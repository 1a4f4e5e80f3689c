/** Who sits together on a run, and what it is made of. */
import { type Composition, lineOf, type RunId, type SeatedParty } from "@chepiao/contracts";
import { isNotRun, liveTicketStates, type OrderRecord } from "@chepiao/ports/order-store";

export const coachesOf = ({ coaches }: Composition) => `it is made of ${coaches.map(({ no }) => no).join(", ")}`;

/** Who has seats of the run by this order, line by line. */
export function partiesOf(order: OrderRecord, runId: RunId): SeatedParty[] {
  const hasSeat = ({ state }: OrderRecord["tickets"][number]) =>
    (liveTicketStates as readonly string[]).includes(state);
  const ofRun = order.tickets.filter(
    (ticket) => hasSeat(ticket) && isNotRun(lineOf(order, ticket), { runId, skipped: null }),
  );
  return [...Map.groupBy(ofRun, ({ line }) => line)].map(([, tickets]) => {
    const { line, seatClass, fromStop, toStop } = lineOf(order, tickets[0]!);
    return { orderId: order.orderId, line, seatClass, fromStop, toStop, tickets };
  });
}

/** Who sits together on a run. */
import { lineOf, type RunId, type SeatedParty } from "@chepiao/contracts";
import { enteredAt, isNotRun, liveTicketStates, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";

/** Who is in the train, or has been, keeps his seat or is given one by staff: another ticket would let in somebody else. */
export const isInside = (order: OrderRecord, ticket: TicketRecord): boolean =>
  ticket.state === "used" || enteredAt(ticket, lineOf(order, ticket)) !== null;

/** Who has seats of the run by this order, line by line; but for tickets that are left out. */
export function partiesOf(
  order: OrderRecord,
  runId: RunId,
  isLeftOut: (ticket: TicketRecord) => boolean = () => false,
): SeatedParty[] {
  const hasSeat = (ticket: TicketRecord) =>
    (liveTicketStates as readonly string[]).includes(ticket.state) && !isLeftOut(ticket);
  const ofRun = order.tickets.filter(
    (ticket) => hasSeat(ticket) && isNotRun(lineOf(order, ticket), { runId, skipped: null }),
  );
  return [...Map.groupBy(ofRun, ({ line }) => line)].map(([, tickets]) => {
    const { line, seatClass, fromStop, toStop } = lineOf(order, tickets[0]!);
    return { orderId: order.orderId, line, seatClass, fromStop, toStop, tickets };
  });
}

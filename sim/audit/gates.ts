/** What must have become of passages: none is lost or left undecided, a ticket lets one person in, and who was let in has used the ticket. */
import { type GateAct, lineOf } from "@chepiao/contracts";
import type { GateEvent, KnownGateEvent } from "@chepiao/ports/gate-store";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import type { CancelledBook } from "./cancelledBook.ts";

const nameOf = ({ gateId, eventId, ticketNo }: GateEvent) => `${gateId} ${eventId} ${ticketNo}`;
const stands: Readonly<Record<GateAct, string>> = { enter: "entered", leave: "left" };

/** I2: what a gate was answered as kept is there. */
export function passagesAreKept(told: readonly GateEvent[], kept: readonly KnownGateEvent[]): string[] {
  const there = new Set(kept.map(nameOf));
  return told.filter((event) => !there.has(nameOf(event))).map((event) => `I2: the passage ${nameOf(event)} is lost`);
}

/** I4: every passage is decided on. */
export const passagesAreDecided = (kept: readonly KnownGateEvent[]): string[] =>
  kept.filter(({ outcome }) => outcome === "pending").map((event) => `I4: nobody decides on ${nameOf(event)}`);

/** I7: of a ticket one passage stands each way, and the ticket knows which; who went in has used it, unless the train did not run. */
export function passagesAreTickets(
  kept: readonly KnownGateEvent[],
  orders: readonly OrderRecord[],
  runs: Pick<CancelledBook, "wasEver">,
): string[] {
  const wrong: string[] = [];
  const standing = new Map<string, string>();
  for (const event of kept) {
    if (event.outcome !== stands[event.act]) continue;
    const place = `${event.ticketNo} ${event.act}`;
    if (standing.has(place)) wrong.push(`I7: ${place} stands twice`);
    standing.set(place, nameOf(event));
  }
  for (const order of orders)
    for (const ticket of order.tickets) {
      for (const act of ["enter", "leave"] as const) {
        const passage = ticket.passages?.[act];
        const own = passage ? nameOf({ ...passage, ticketNo: ticket.ticketNo, act }) : undefined;
        const stood = standing.get(`${ticket.ticketNo} ${act}`);
        if (own !== stood)
          wrong.push(`I7: ${ticket.ticketNo} has ${act} by ${own ?? "nobody"}, and ${stood ?? "none"} stands`);
      }
      if (ticket.passages && !isUsed(ticket, runs.wasEver(lineOf(order, ticket))))
        wrong.push(`I3: ${ticket.ticketNo} let somebody in, and is ${ticket.state}`);
    }
  return wrong;
}

/** Or its train did not run: then it went back, or became another, for nothing. */
const isUsed = ({ state, feeFen }: TicketRecord, isOfCancelled: boolean): boolean =>
  state === "used" || (isOfCancelled && feeFen === 0 && gone.has(state));
const gone: ReadonlySet<TicketRecord["state"]> = new Set(["changed", "refunding", "refunded"]);

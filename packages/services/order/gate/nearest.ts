/** Which of a traveller's tickets is meant by a document at a gate: it names a person, and a passage is of a ticket. Pure. */
import { lineOf, type OrderLine } from "@chepiao/contracts";
import type { GateEvent } from "@chepiao/ports/gate-store";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";

type Owned = { readonly ticket: TicketRecord; readonly line: OrderLine };

/**
 * For an entry the ticket whose trip begins at the gate and whose departure is nearest, of one that is not over if there is one. For an exit the one
 * with which he went in last, or else the one that ends there. Where no trip touches the gate, the nearest, so that the answer says what is wrong.
 * Null where he has none. What was made of an event stands (I7): it means the same ticket when it is said again, and none that was bought since.
 */
export function nearestTicket(
  orders: readonly OrderRecord[],
  documentHash: string,
  event: Omit<GateEvent, "ticketNo">,
): TicketRecord | null {
  const { act, stationId, at } = event;
  const owned = orders
    .filter(({ acceptedAt }) => acceptedAt <= at)
    .flatMap((order) =>
      order.tickets.flatMap((ticket) =>
        isHolders(ticket, documentHash) ? { ticket, line: lineOf(order, ticket) } : [],
      ),
    );
  const known = owned.find(({ ticket }) => isOf(ticket, event));
  if (known) return known.ticket;
  const valid = owned.filter(({ ticket: { state } }) => state === "issued" || state === "used");
  if (act === "enter") {
    const here = preferred(valid, ({ line }) => line.fromStationId === stationId);
    return nearest(
      preferred(here, (each) => !isOver(each, at)),
      ({ line }) => Math.abs(at - line.departAt),
    );
  }
  const within = valid.filter(({ ticket: { passages } }) => passages?.enter && !passages.leave);
  if (within.length > 0) return nearest(within, ({ ticket }) => at - ticket.passages!.enter!.at);
  const here = preferred(valid, ({ line }) => line.toStationId === stationId);
  return nearest(here, ({ line }) => Math.abs(at - line.arriveAt));
}

/** Whoever only claims to hold a document is not taken for its holder. */
const isHolders = (ticket: TicketRecord, documentHash: string): boolean =>
  ticket.documentHash === documentHash && !ticket.documentUnproved;

function isOf({ passages }: TicketRecord, { act, gateId, eventId }: Omit<GateEvent, "ticketNo">): boolean {
  const known = passages?.[act];
  return known?.gateId === gateId && known.eventId === eventId;
}

const isOver = ({ ticket: { passages }, line }: Owned, at: number): boolean =>
  line.arriveAt <= at || (passages?.leave !== undefined && passages.leave.stationId !== line.fromStationId);

/** Those of which it holds; all, where it holds of none. */
function preferred(owned: readonly Owned[], holds: (each: Owned) => boolean): readonly Owned[] {
  const found = owned.filter(holds);
  return found.length > 0 ? found : owned;
}

const nearest = (owned: readonly Owned[], away: (each: Owned) => number): TicketRecord | null =>
  owned.toSorted((a, b) => away(a) - away(b))[0]?.ticket ?? null;

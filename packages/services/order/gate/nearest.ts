/** Which of a traveller's tickets is meant by a document at a gate: it names a person, and a passage is of a ticket. Pure. */
import { lineOf, type OrderLine } from "@chepiao/contracts";
import type { GateEvent } from "@chepiao/ports/gate-store";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";

type Owned = { readonly ticket: TicketRecord; readonly line: OrderLine };

/**
 * The ticket whose trip begins at the gate (for an exit: ends there) and whose time is nearest; where none does, the one whose time is nearest, so
 * that the answer says what is wrong with it. Null where he has none. The same for the same event, whatever has been made of it since (I7).
 */
export function nearestTicket(
  orders: readonly OrderRecord[],
  documentHash: string,
  { act, stationId, at }: Pick<GateEvent, "act" | "at" | "stationId">,
): TicketRecord | null {
  const isHere = ({ line }: Owned) => (act === "enter" ? line.fromStationId : line.toStationId) === stationId;
  const away = ({ line }: Owned) => Math.abs(at - (act === "enter" ? line.departAt : line.arriveAt));
  const owned = orders.flatMap((order) =>
    order.tickets
      .filter((ticket) => isOf(ticket, documentHash))
      .map((ticket) => ({ ticket, line: lineOf(order, ticket) })),
  );
  const here = owned.filter(isHere);
  const [nearest] = (here.length > 0 ? here : owned).toSorted((a, b) => away(a) - away(b));
  return nearest?.ticket ?? null;
}

/** Whoever only claims to hold a document is not taken for its holder. */
const isOf = ({ documentHash, documentUnproved, state }: TicketRecord, hash: string): boolean =>
  documentHash === hash && !documentUnproved && (state === "issued" || state === "used");

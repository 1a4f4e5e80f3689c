/** The tickets that board a train at a station: by which a gate lets people in while it can ask nobody. */
import { type GateTicket, lineOf, type RunId } from "@chepiao/contracts";
import { formatInZone, type ZoneName } from "@chepiao/kernel";
import type { OrderRecord, OrderStore, TicketRecord } from "@chepiao/ports/order-store";

const loadedAtOnce = 32;

export async function* ticketsToBoard(
  store: Pick<OrderStore, "holdersOn" | "load">,
  runId: RunId,
  { stationId, zone }: { readonly stationId: string; readonly zone: ZoneName },
): AsyncIterable<GateTicket> {
  const orderIds = await store.holdersOn(runId);
  for (let next = 0; next < orderIds.length; next += loadedAtOnce) {
    const orders = await Promise.all(orderIds.slice(next, next + loadedAtOnce).map((orderId) => store.load(orderId)));
    for (const order of orders) if (order) yield* boarding(order, runId, stationId, zone);
  }
}

/** What was given back or changed is not on it: a gate with the list knows as much as it did when it was fetched. */
function* boarding(order: OrderRecord, runId: RunId, stationId: string, zone: ZoneName): Iterable<GateTicket> {
  for (const ticket of order.tickets) {
    const line = lineOf(order, ticket);
    if (line.runId !== runId || line.fromStationId !== stationId) continue;
    if (ticket.state !== "issued" && ticket.state !== "used") continue;
    yield {
      ticketNo: ticket.ticketNo,
      trainNumber: line.trainNumber,
      departAt: formatInZone(line.departAt, zone),
      toName: line.toName,
      seatClass: line.seatClass,
      seat: ticket.seat,
      ticketType: ticket.ticketType,
      documentMasked: ticket.documentMasked,
      ...alongWith(ticket),
      entered: ticket.passages?.enter !== undefined,
    };
  }
}

function alongWith({ freeChild }: TicketRecord): Pick<GateTicket, "freeChild"> {
  if (!freeChild) return {};
  const { documentType, documentMasked } = freeChild;
  return { freeChild: { documentType, documentMasked } };
}

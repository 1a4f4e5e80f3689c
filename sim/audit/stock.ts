/** What is for sale, and what limits count, is what the orders leave: a leaked seat is as wrong as a doubled one. */
import { holdIn, type Run, seatsOf, type Timetable } from "@chepiao/contracts";
import { type EpochMs, secondMs } from "@chepiao/kernel";
import { isTripState, type OrderRecord } from "@chepiao/ports/order-store";
import { claimText, type TripClaim } from "@chepiao/ports/reservations";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { liveTickets } from "./orders.ts";
import type { WithdrawnBook } from "./withdrawn.ts";

export async function stockIsWhatOrdersLeave(
  seats: Pick<SeatStore, "freeSeats">,
  timetable: Timetable,
  orders: readonly OrderRecord[],
  withdrawn: Pick<WithdrawnBook, "latest">,
  now: EpochMs,
): Promise<string[]> {
  const wrong: string[] = [];
  const live = liveTickets(orders);
  const lines = orders.flatMap((order) => order.lines);
  for (const [runId, ofRun] of Map.groupBy(lines, (line) => line.runId)) {
    const { trainNumber, originDate } = ofRun[0]!;
    const run: Run | null = timetable.run(trainNumber, originDate);
    // A train that has arrived has no seats any more.
    if (!run || run.dayStart + run.train.stops.at(-1)!.arriveS * secondMs <= now) continue;
    const onRun = live.filter(({ line }) => line.runId === runId);
    for (const [seatClass, places] of seatsOf(run.train.composition)) {
      const out = withdrawn.latest(run, seatClass);
      for (let segment = 0; segment < run.train.stops.length - 1; segment++) {
        const free = await seats.freeSeats({ run, fromStop: segment, toStop: segment + 1 }, seatClass);
        for (const { index } of places) {
          const holder = onRun.find(
            ({ line, ticket }) =>
              line.seatClass === seatClass &&
              ticket.seatIndex === index &&
              line.fromStop <= segment &&
              segment < line.toStop,
          );
          if (out.has(index) && free[index])
            wrong.push(`I5: ${runId} ${seatClass} ${index} is for sale, and withdrawn`);
          if (out.has(index) || free[index] === (holder === undefined)) continue;
          wrong.push(
            holder
              ? `I1: ${runId} ${seatClass} ${index} on ${segment} is for sale, and ${holder.ticket.ticketNo}'s`
              : `I2: ${runId} ${seatClass} ${index} on ${segment} is not for sale, and nobody's`,
          );
        }
      }
    }
  }
  return wrong;
}

/** I6: limits, and the guard that asks once more, count the trips there are, and no others. */
export function limitsAreTrips(
  who: "limits" | "the guards",
  reservations: readonly TripClaim[],
  orders: readonly OrderRecord[],
  forgottenBefore: EpochMs,
): string[] {
  const wrong: string[] = [];
  const counted = new Map(
    reservations.map((reservation) => [
      claimText(reservation),
      new Set(reservation.trips.map(({ ticketNo }) => ticketNo)),
    ]),
  );
  const trips = orders.filter(({ state }) => isTripState(state));
  for (const { order, line, ticket } of liveTickets(trips)) {
    if (line.arriveAt < forgottenBefore) continue;
    if (!counted.get(claimText({ orderId: order.orderId, line: line.line }))?.delete(ticket.ticketNo))
      wrong.push(`I6: ${who} do not count ${ticket.ticketNo}, which is ${ticket.state}`);
  }
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  for (const [text, left] of counted)
    for (const ticketNo of left)
      wrong.push(`I6: ${who} count ${ticketNo}, whose order is ${byId.get(holdIn(text).holdId)?.state ?? "unknown"}`);
  return wrong;
}

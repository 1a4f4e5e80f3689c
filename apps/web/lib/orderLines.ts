/** The ways that an order is for, and what is left of them. Orders that a browser kept from before had one, and did not say so apart. */
import type { LineView, Order, SeatClass } from "@chepiao/contracts";

type Line = Omit<LineView, "preferencesUnmet">;
type Lined = Omit<Line, "line"> & {
  readonly lines?: readonly Line[];
  readonly tickets: readonly (Pick<Order["tickets"][number], "state"> & { readonly line?: number })[];
};

export const linesOf = (order: Lined): readonly Line[] => order.lines ?? [{ ...order, line: 0 }];
export const ticketsOn = <Ticket extends { readonly line?: number }>(
  { tickets }: { readonly tickets: readonly Ticket[] },
  { line }: Pick<Line, "line">,
): readonly Ticket[] => tickets.filter((ticket) => (ticket.line ?? 0) === line);

/** One way on one train, in however many classes. */
export type Trip = Omit<Line, "line" | "seatClass" | "together"> & {
  readonly lines: readonly number[];
  readonly seatClasses: readonly SeatClass[];
};

/** In the order of travel. */
export function tripsOf(lines: readonly Line[]): readonly Trip[] {
  const trips = new Map<string, Trip>();
  for (const { line, seatClass, together: _, ...way } of lines) {
    const key = [way.trainNumber, way.originDate, way.from.stationId, way.to.stationId, way.departAt].join(" ");
    const known = trips.get(key);
    trips.set(key, {
      ...way,
      lines: [...(known?.lines ?? []), line],
      seatClasses: [...new Set([...(known?.seatClasses ?? []), seatClass])],
    });
  }
  return [...trips.values()].toSorted((a, b) => Date.parse(a.departAt) - Date.parse(b.departAt));
}

const goneStates: ReadonlySet<string> = new Set(["refunding", "refunded", "changed", "released"]);
/** Somebody travels with it, or has: it was neither given back nor changed. */
export const isTravelledOn = ({ state }: Pick<Order["tickets"][number], "state">): boolean => !goneStates.has(state);

/** Of a train that does not run: nobody has gone by it who was let out again where the trip begins, or not at all. */
export const mayGoOtherwise = (
  { state, leftFrom }: Pick<Order["tickets"][number], "leftFrom" | "state">,
  { from }: Pick<Line, "from">,
): boolean => state === "issued" || (state === "used" && (leftFrom === undefined || leftFrom === from.stationId));

/** Those on which somebody travels yet; all of them where nobody does. */
export function tripsLeft(order: Lined): readonly Trip[] {
  const lines = linesOf(order);
  const left = lines.filter((line) => ticketsOn(order, line).some(isTravelledOn));
  return tripsOf(left.length > 0 ? left : lines);
}

/** When a trip is expected to be over: by the timetable, where nothing is known of the day. */
export type ArrivesMs = (trip: Trip) => number;
const byTimetable: ArrivesMs = ({ arriveAt }) => Date.parse(arriveAt);

/** The one under way or to come; after all of them the last. */
export function nextTripOf(order: Lined, nowMs: number, arrivesMs = byTimetable): Trip {
  const trips = tripsLeft(order);
  return trips.find((trip) => arrivesMs(trip) > nowMs) ?? trips.at(-1)!;
}

/** Who has arrived shows the code at the way out, and not every railway says that a train is late. */
const alightingMs = 3_600_000;

/** When the last of them is over, and no code is looked for any more. */
export const endMsOf = (order: Lined, arrivesMs = byTimetable): number =>
  Math.max(...tripsLeft(order).map(arrivesMs)) + alightingMs;

export const stationsOf = (order: Lined): readonly Line["from"][] =>
  linesOf(order).flatMap(({ from, to }) => [from, to]);

/** What an order that is written, or about to be, counts as in purchase limits: line by line, because each is a trip of its own. */
import type { OrderLines, OrderState, Run, Timetable } from "@chepiao/contracts";
import { dateIn } from "@chepiao/kernel";
import { type LiveLine, type LiveOrder, type LiveTicket, tripClaimsOf } from "@chepiao/ports/order-store";
import type { Reservation } from "@chepiao/ports/reservations";

type Claiming = Pick<LiveOrder, "acceptedAt" | "orderId" | "payBy" | "userId"> & {
  readonly lines: OrderLines<Omit<LiveLine, "holdLine">>;
  readonly tickets: readonly Pick<LiveTicket, "documentHash" | "documentUnproved" | "line" | "ticketNo">[];
};

/** The railway's days are counted, and its trains say where they call. */
export type DaysAndRuns = Pick<Timetable, "zone" | "run">;

export function claimsOf(order: Claiming, state: OrderState | undefined, timetable: DaysAndRuns): Reservation[] {
  const boughtOn = dateIn(timetable.zone, order.acceptedAt);
  const isStanding = order.lines.every(({ seatClass }) => seatClass === "standing");
  return tripClaimsOf(order).map((claim, n) => {
    const { trainNumber, originDate, fromStop, toStop } = order.lines[n]!;
    return {
      ...claim,
      ...betweenStations(timetable.run(trainNumber, originDate), fromStop, toStop),
      boughtAt: order.acceptedAt,
      boughtOn,
      unpaidUntil: state === "pendingPayment" ? order.payBy : null,
      isStanding,
    };
  });
}

/** Where a trip begins and ends, as the limits want to know it; nothing where its train is not known any more. */
export function betweenStations(run: Run | null, fromStop: number, toStop: number): Pick<Reservation, "stations"> {
  const from = run?.train.stops[fromStop]?.stationId;
  const to = run?.train.stops[toStop]?.stationId;
  return from === undefined || to === undefined ? {} : { stations: { from, to } };
}

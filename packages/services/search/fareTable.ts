/** What each kind of ticket costs for a way in a class, so that a party sees its own total before it orders. */
import { type FareTable, type Leg, type Seat, type SeatClass, ticketTypes, type Timetable } from "@chepiao/contracts";

const berthLevels: ReadonlySet<string> = new Set(["lower", "middleBerth", "upper"]);

export function fareTableOf(
  timetable: Pick<Timetable, "fare">,
  { run, fromStop, toStop }: Leg,
  seatClass: SeatClass,
  seats: readonly Seat[],
): FareTable {
  const kindOf = ({ kind }: Seat) => (berthLevels.has(kind) ? kind : "seat");
  // One seat stands for all of its kind.
  const ofKind = new Map(seats.map((seat) => [kindOf(seat), seat]));
  return {
    fares: ticketTypes.flatMap((ticketType) =>
      [...ofKind].map(([kind, seat]) => ({
        ticketType,
        kind,
        fareFen: timetable.fare(run, seatClass, fromStop, toStop, ticketType, seat),
      })),
    ),
  };
}

/** Fares of the railway's own, as its feed brings them, in the place of the adult fare that would be computed. */
import { type SeatClass, type TicketType, type TrainFare, type TrainVersion, wayIndex } from "@chepiao/contracts";
import { assert, type Fen, fen } from "@chepiao/kernel";
import type { FareOverride } from "@chepiao/ports/timetable-store";

type Way = { readonly fromStop: number; readonly toStop: number };
type PaidClass = TrainFare["seatClass"];

/** The railway's fare for that class and kind of passenger; null where it has none. */
export function railwayFare(
  { fares = [], stops }: TrainVersion,
  seatClass: SeatClass,
  ticketType: TicketType,
  { fromStop, toStop }: Way,
): Fen | null {
  const fare = fares.find((each) => each.seatClass === seatClass && each.ticketType === ticketType);
  return fare?.byWay[wayIndex(fromStop, toStop, stops.length)] ?? null;
}

/**
 * What takes the place of the computed adult fare: an amount set by hand, else the railway's. A share that is set by hand is one of the
 * railway's fare. A class that the railway prices nothing of is as much dearer than the one it does as `computed` fares are.
 */
export function adultFareSet(
  train: TrainVersion,
  seatClass: PaidClass,
  way: Way,
  byHand: FareOverride["set"] | undefined,
  computed: (seatClass: PaidClass) => Fen,
): FareOverride["set"] | undefined {
  if (!train.fares || (byHand && "fareFen" in byHand)) return byHand;
  const share = byHand ? byHand.rateBasisPoints : whole;
  const own = railwayFare(train, seatClass, "adult", way);
  if (own !== null) return { fareFen: shareOf(own, share) };
  const known = train.fares.find((fare) => railwayFare(train, fare.seatClass, "adult", way) !== null);
  if (!known) return byHand;
  const { seatClass: other } = known;
  const ofOther = railwayFare(train, other, "adult", way);
  assert(ofOther !== null, "a class that was just found to have a fare");
  return { fareFen: shareOf((ofOther * computed(seatClass)) / computed(other), share) };
}

const whole = 10_000;
const smallestFen = 1;
const shareOf = (amount: number, basisPoints: number): Fen =>
  fen(Math.max(smallestFen, Math.round((amount * basisPoints) / whole)));

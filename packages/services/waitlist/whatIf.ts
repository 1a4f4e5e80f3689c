/** Whom one more coach would serve: the entries of a run in their order, over seats that nobody has. Pure. */
import { type Composition, presentSeatsOf, type RunId, type SeatClass } from "@chepiao/contracts";
import { mayServe, type WaitlistRecord } from "@chepiao/ports/waitlist-store";

export type OneMoreCoach = {
  /** That of the train which is like it. */
  readonly coachNo: number;
  readonly seats: readonly { readonly seatClass: SeatClass; readonly count: number }[];
  readonly entries: number;
  readonly passengers: number;
};

/** For each kind of coach that the train has: the first of that kind stands for it. */
export function oneMoreCoach(
  composition: Composition,
  runId: RunId,
  waiting: readonly WaitlistRecord[],
): readonly OneMoreCoach[] {
  const kinds = new Map<string, OneMoreCoach>();
  for (const { no } of composition.coaches) {
    const seats = [...presentSeatsOf(composition)]
      .map(([seatClass, all]) => ({ seatClass, count: all.filter(({ coachNo }) => coachNo === no).length }))
      .filter(({ count }) => count > 0);
    const kind = JSON.stringify(seats);
    if (!kinds.has(kind)) kinds.set(kind, { coachNo: no, seats, ...servedBy(seats, runId, waiting) });
  }
  return [...kinds.values()];
}

export type Served = {
  readonly entry: WaitlistRecord;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

/**
 * As the line is served: the whole party over the whole way in the first of its classes that has room, or it is passed over.
 *
 * @param taken of each seat of a class the parts of the way that somebody has, a bit each; what is served is taken, too
 */
export function wouldServe(
  taken: ReadonlyMap<SeatClass, bigint[]>,
  runId: RunId,
  waiting: readonly WaitlistRecord[],
): readonly Served[] {
  return waiting.flatMap((entry): Served[] => {
    const choice = entry.choices.find((each) => each.runId === runId && mayServe(entry, each));
    if (!choice) return [];
    const way = ((1n << BigInt(choice.toStop - choice.fromStop)) - 1n) << BigInt(choice.fromStop);
    const seatClass = choice.seatClasses.find((each) => takeSeats(taken.get(each) ?? [], way, entry.passengers.length));
    return seatClass ? [{ entry, from: choice.fromName, to: choice.toName, seatClass }] : [];
  });
}

function servedBy(seats: OneMoreCoach["seats"], runId: RunId, waiting: readonly WaitlistRecord[]) {
  const none = new Map(seats.map(({ seatClass, count }) => [seatClass, Array.from({ length: count }, () => 0n)]));
  const served = wouldServe(none, runId, waiting);
  return {
    entries: served.length,
    passengers: served.reduce((sum, { entry }) => sum + entry.passengers.length, 0),
  };
}

function takeSeats(seats: bigint[], way: bigint, party: number): boolean {
  const free = seats.flatMap((segments, seat) => ((segments & way) === 0n ? [seat] : [])).slice(0, party);
  if (free.length < party) return false;
  for (const seat of free) seats[seat]! |= way;
  return true;
}

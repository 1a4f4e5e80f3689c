/** Who sits together on a run, and who is given other seats first where its train loses some. */
import type { OrderId } from "@chepiao/kernel";
import type { OrderLine } from "./lines.ts";
import { type SeatClass, seatClasses } from "./vocabulary.ts";

/** A line of an order, with those of its tickets that have seats. */
export type SeatedParty = Pick<OrderLine, "fromStop" | "line" | "seatClass" | "toStop"> & {
  readonly orderId: OrderId;
  readonly tickets: readonly { readonly ticketNo: string; readonly seatIndex: number }[];
};

/** Into which classes one may be moved instead, the nearest first. */
export const betterClasses: Readonly<Record<SeatClass, readonly SeatClass[]>> = {
  business: [],
  first: ["business"],
  second: ["first", "business"],
  softSleeper: [],
  hardSleeper: ["softSleeper"],
  hardSeat: ["hardSleeper", "softSleeper"],
  standing: ["hardSeat", "second", "first", "business", "hardSleeper", "softSleeper"],
};

type Ranked = Omit<SeatedParty, "tickets">;

/**
 * Better classes go first, so that nobody is moved up into what another has paid for; of a class large parties go first, then long ways, then who
 * bought first.
 *
 * @param seatCount how many of them need another seat
 */
export const inSeatingOrder = <Party extends Ranked>(
  parties: readonly Party[],
  seatCount: (party: Party) => number,
): readonly Party[] => parties.toSorted((a, b) => byRank(a, b, seatCount) || a.orderId - b.orderId || a.line - b.line);

/** The same, rank by rank: within one only who bought first goes first. */
export const ranksInSeatingOrder = <Party extends Ranked>(
  parties: readonly Party[],
  seatCount: (party: Party) => number,
): readonly (readonly Party[])[] => {
  const ranks: Party[][] = [];
  for (const party of inSeatingOrder(parties, seatCount)) {
    const rank = ranks.at(-1);
    if (rank && byRank(rank[0]!, party, seatCount) === 0) rank.push(party);
    else ranks.push([party]);
  }
  return ranks;
};

const byRank = <Party extends Ranked>(a: Party, b: Party, seatCount: (party: Party) => number): number =>
  seatClasses.indexOf(a.seatClass) - seatClasses.indexOf(b.seatClass) ||
  seatCount(b) - seatCount(a) ||
  b.toStop - b.fromStop - (a.toStop - a.fromStop);

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

/**
 * Better classes go first, so that nobody is moved up into what another has paid for; of a class large parties go first, then long ways, then who
 * bought first.
 *
 * @param seatCount how many of them need another seat
 */
export const inSeatingOrder = <Party extends Omit<SeatedParty, "tickets">>(
  parties: readonly Party[],
  seatCount: (party: Party) => number,
): readonly Party[] =>
  parties.toSorted(
    (a, b) =>
      seatClasses.indexOf(a.seatClass) - seatClasses.indexOf(b.seatClass) ||
      seatCount(b) - seatCount(a) ||
      b.toStop - b.fromStop - (a.toStop - a.fromStop) ||
      a.orderId - b.orderId ||
      a.line - b.line,
  );

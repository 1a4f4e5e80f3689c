/** What must be true of tickets that were taken instead of those of a train that does not run. */
import type { Order } from "@chepiao/contracts";

/** @param faresOf what the seats of the new trip cost, for a ticket of that type */
export function wrongWithInstead(
  old: Order,
  { orderNo, replaces, tickets }: Order,
  faresOf: (ticketType: Order["tickets"][number]["ticketType"]) => readonly number[],
): string[] {
  const wrong: string[] = [];
  if (!replaces?.isCarried) wrong.push(`I3: ${orderNo} is to be paid, and the train of ${old.orderNo} does not run`);
  tickets.forEach(({ ticketNo, ticketType, fareFen }, n) => {
    const given = replaces?.tickets[n];
    const before = old.tickets.find((each) => each.ticketNo === given?.ticketNo);
    if (!given || !before) return;
    if (given.feeFen !== 0)
      wrong.push(`I3: of ${given.ticketNo} ${given.feeFen} fen are kept, and its train does not run`);
    const right = faresOf(ticketType).map((fare) => Math.min(fare, before.fareFen));
    if (!right.includes(fareFen))
      wrong.push(`I3: ${ticketNo} is worth ${fareFen} fen instead of ${before.fareFen}, and not ${right.join(" or ")}`);
    if (replaces.isCarried && given.refundFen !== before.fareFen - fareFen - given.feeFen)
      wrong.push(`I3: for ${given.ticketNo} of ${before.fareFen} fen ${given.refundFen} go back beside ${fareFen}`);
  });
  return wrong;
}

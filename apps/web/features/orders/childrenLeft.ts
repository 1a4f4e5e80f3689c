/** Whether a trip would be a child's alone once those tickets are given back. Pure. */
import type { OrderTicket } from "@chepiao/contracts";

type Ticket = Pick<OrderTicket, "line" | "passengerId" | "state" | "ticketNo" | "ticketType">;

/** @param children saved passengers who are children, whichever tickets they have */
export function leavesChildren(
  { tickets }: { readonly tickets: readonly Ticket[] },
  given: readonly string[],
  children: ReadonlySet<number>,
): boolean {
  const valid = tickets.filter(({ state }) => state === "issued");
  const isChild = ({ ticketType, passengerId }: Ticket) => ticketType === "child" || children.has(passengerId);
  const isLeftAlone = (line: number) => {
    const trip = valid.filter((ticket) => ticket.line === line);
    const left = trip.filter(({ ticketNo }) => !given.includes(ticketNo));
    return left.length > 0 && left.every(isChild) && !trip.every(isChild);
  };
  return valid.some(({ line }) => isLeftAlone(line));
}

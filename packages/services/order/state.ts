/** The states of orders and tickets, and every way between them. A new state does not compile until all its cells are filled. */
import type { OrderCause, OrderState, TicketCause, TicketState } from "@chepiao/contracts";

/** What moves an order from state to state. */
export type OrderEvent = Exclude<OrderCause, TicketCause>;

/** `refuse`: tell the caller. `ignore`: it has happened already, or no longer matters. */
type Next<State> = State | "refuse" | "ignore";
type Table<State extends string, Event extends string> = Readonly<Record<State, Readonly<Record<Event, Next<State>>>>>;

/** An order that ended without a ticket: late money goes back (`refuse` of `paid`), everything else is over. */
const ended: Readonly<Record<OrderEvent, "refuse" | "ignore">> = {
  seatsClaimed: "ignore",
  seatsLost: "ignore",
  limitReached: "ignore",
  paid: "refuse",
  ticketed: "refuse",
  cancelled: "refuse",
  expired: "ignore",
  partReturned: "refuse",
  allReturned: "refuse",
  travelled: "ignore",
  partChanged: "refuse",
  allChanged: "refuse",
  replacedGone: "ignore",
};

export const orderTransitions: Table<OrderState, OrderEvent> = {
  accepted: {
    ...ended,
    seatsClaimed: "pendingPayment",
    seatsLost: "rejected",
    limitReached: "rejected",
    paid: "refuse",
  },
  pendingPayment: { ...ended, paid: "paid", cancelled: "cancelled", expired: "expired", replacedGone: "cancelled" },
  paid: { ...ended, ticketed: "ticketed" },
  ticketed: {
    ...ended,
    partReturned: "ticketed",
    allReturned: "refunded",
    partChanged: "ticketed",
    allChanged: "changed",
    travelled: "completed",
  },
  // Its train did not run after all: what was taken for travelled goes back, and nothing else does.
  completed: { ...ended, partReturned: "completed", allReturned: "refunded" },
  cancelled: ended,
  refunded: ended,
  rejected: ended,
  expired: ended,
  changed: ended,
};

export type TicketEvent =
  | "issue"
  | "release"
  | "giveBack"
  /** Its train did not run: it goes back, also where time alone has taken it for used. */
  | "notCarried"
  | "settle"
  | "use"
  | "change"
  /** Its train does not run: it becomes one of another, also where a gate has let its traveller in. */
  | "changeNotCarried";

export const ticketTransitions: Table<TicketState, TicketEvent> = {
  held: {
    issue: "issued",
    release: "released",
    giveBack: "refuse",
    notCarried: "refuse",
    settle: "ignore",
    use: "refuse",
    change: "refuse",
    changeNotCarried: "refuse",
  },
  issued: {
    issue: "ignore",
    release: "refuse",
    giveBack: "refunding",
    notCarried: "refunding",
    settle: "ignore",
    use: "used",
    change: "changed",
    changeNotCarried: "changed",
  },
  refunding: {
    issue: "refuse",
    release: "refuse",
    giveBack: "refuse",
    notCarried: "ignore",
    settle: "refunded",
    use: "refuse",
    change: "refuse",
    changeNotCarried: "refuse",
  },
  refunded: {
    issue: "refuse",
    release: "refuse",
    giveBack: "refuse",
    notCarried: "ignore",
    settle: "ignore",
    use: "refuse",
    change: "refuse",
    changeNotCarried: "refuse",
  },
  released: {
    issue: "refuse",
    release: "ignore",
    giveBack: "refuse",
    notCarried: "refuse",
    settle: "ignore",
    use: "refuse",
    change: "refuse",
    changeNotCarried: "refuse",
  },
  used: {
    issue: "refuse",
    release: "refuse",
    giveBack: "refuse",
    notCarried: "refunding",
    settle: "ignore",
    use: "ignore",
    change: "refuse",
    changeNotCarried: "changed",
  },
  changed: {
    issue: "refuse",
    release: "refuse",
    giveBack: "refuse",
    notCarried: "refuse",
    settle: "ignore",
    use: "refuse",
    change: "ignore",
    changeNotCarried: "ignore",
  },
};

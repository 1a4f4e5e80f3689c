/**
 * Orders, their tickets, the seat ledger and the trips that count in purchase limits, in SQL. Ledger and trips are the last guards of
 * I1 and I6: whatever the seat engine and the reservations believed, two orders can never both be written as holding one seat over one
 * segment, nor as taking one passenger on two trains at once.
 */
import {
  endOf,
  type LogRecord,
  lineOf,
  mapLines,
  type OrderAccepted,
  type AcceptedTicket,
  type GateAct,
  type OrderLine,
  type OrderLines,
  type OrderState,
  type RefusalCode,
  type RunId,
  type SeatsFreed,
  type TicketState,
} from "@chepiao/contracts";
import {
  type EpochMs,
  fen,
  type Fen,
  type OrderId,
  type OrderNo,
  type PassengerId,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import type { TripClaim, TripLimits } from "@chepiao/ports/reservations";
import { isOff, type NotRun } from "@chepiao/ports/run-states";

export type TicketRecord = AcceptedTicket & {
  readonly state: TicketState;
  /** Set once the ticket was given back. */
  readonly feeFen: Fen | null;
  readonly refundFen: Fen | null;
  /** The order with the ticket that is valid in its place. */
  readonly replacedBy?: OrderNo;
  /** Where gates let its passenger in and out. */
  readonly passages?: Passages;
};

/** What a gate said of a ticket, by the gate's own clock. */
export type Passage = {
  readonly at: EpochMs;
  readonly gateId: string;
  readonly stationId: string;
  readonly eventId: string;
};
export type Passages = { readonly [Act in GateAct]?: Passage };

export type OrderRecord = Omit<OrderAccepted, "tickets"> & {
  readonly state: OrderState;
  /** Rises with every change; a change names the one it was decided on. */
  readonly version: number;
  readonly paymentNo: string | null;
  readonly paidAt: EpochMs | null;
  readonly endedBecause: RefusalCode | null;
  readonly tickets: readonly TicketRecord[];
};

export type OrderChange = {
  /** The order as it shall be; its `version` is still the one it was read with. */
  readonly order: OrderRecord;
  /** Seats that leave the ledger with this change, line by line. */
  readonly freedSeats: readonly SeatsFreed[];
  /** What the rest of the platform must hear, committed with the change. */
  readonly messages: readonly LogRecord[];
  /** By which the order is given back free of charge: the change is not made where another order of the account has it. */
  readonly mistake?: MistakeRefund;
  /** With which the order is among those that were refunded because a run does not run. */
  readonly runRefund?: RunRefund;
};

/** What of an order went back because its train does not run. */
export type RunRefund = { readonly runId: RunId; readonly ticketCount: number; readonly amountFen: Fen };

/** What became of an order on a run that does not run, with all that went back; `why` says what went wrong last, and is null where nothing did. */
export type RunRefundResult = Omit<RunRefund, "runId"> & {
  readonly orderId: OrderId;
  readonly why: string | null;
  readonly at: EpochMs;
};

/** The account's n-th of that day, counted from 0. */
export type MistakeRefund = { readonly day: ServiceDate; readonly nth: number };

/** What became of an accepted order when it was written. `known` is a repetition. */
export type Written = "pendingPayment" | "rejected" | "known";

/** What stands where a traveller was named, once that is erased; sealed document and hash are empty, the saved passenger is 0. */
export const erasedText = "—";

export function erasedTicket<T extends AcceptedTicket>(ticket: T) {
  const { freeChild: _, ...others } = ticket;
  return {
    ...others,
    passengerId: 0 as PassengerId,
    name: erasedText,
    documentSealed: "",
    documentHash: "",
    documentMasked: erasedText,
  };
}

export type KnownOrder = Pick<OrderRecord, "acceptedAt" | "endedBecause" | "state">;

export type OrderPage = { readonly state?: OrderState; readonly before?: OrderId; readonly limit: number };

/** What an order occupies, and no more: there may be millions to read when the platform wakes up. */
export type LiveOrder = Pick<OrderRecord, "orderId" | "userId" | "acceptedAt" | "payBy" | "state"> & {
  readonly lines: OrderLines<LiveLine>;
  readonly tickets: readonly LiveTicket[];
};
export type LiveLine = Omit<
  OrderLine,
  "fromName" | "fromStationId" | "preferencesUnmet" | "toName" | "toStationId" | "together"
>;
/** A ticket that is held, issued or used; others occupy nothing. All of them where the order ended unpaid. */
export type LiveTicket = Pick<
  TicketRecord,
  "ticketNo" | "line" | "seatIndex" | "documentHash" | "documentUnproved" | "state"
>;
export type KeyedOrder = Pick<OrderRecord, "orderId" | "userId" | "idempotencyKey" | "requestHash" | "acceptedAt">;

/** Who travels at the student fare, and in which school year, by its first day. */
export type StudentYear = { readonly documentHash: string; readonly yearFrom: ServiceDate };
export type StudentTrip = StudentYear & { readonly orderId: OrderId; readonly ticketNo: string };

export type OrderStore = {
  /**
   * Writes accepted orders in one transaction, claiming their seats in the ledger, and what their tickets count for in the limits. An
   * order that finds one of its seats taken, on whichever line, is written as `rejected` (`SeatLost`), and so is one that exceeds a limit, by the same
   * rules as the reservations' (`TripOverlaps`, `TripsTooClose`, `DocumentDayLimit`, `UserRunLimit`), or has
   * more trips at the student fare than its travellers have left (`StudentTripsUsed`). It takes nothing; others of its batch may be
   * refused for what it had until then. Idempotent by order id (I7).
   */
  accept(orders: readonly OrderAccepted[], now: EpochMs, limits?: TripLimits): Promise<Written[]>;
  load(orderId: OrderId): Promise<OrderRecord | null>;
  /** Of those that are there. Quick for many. */
  states(orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, KnownOrder>>;
  /**
   * Makes each change in one common transaction, if the order still has the version it was decided on; tells which were made.
   * This compare-and-set is what decides between payment, cancel and expiry.
   */
  change(changes: readonly OrderChange[], now: EpochMs): Promise<boolean[]>;
  /**
   * Makes both changes, of two orders of one account, in one transaction, or neither: false where one of the orders has not the version that
   * was decided on. So tickets become others of another order at one moment.
   */
  changeBoth(changes: readonly [OrderChange, OrderChange], now: EpochMs): Promise<boolean>;
  /** What counts now of the trips at the student fare of each, in the order asked. */
  studentTrips(asked: readonly StudentYear[]): Promise<readonly (readonly StudentTrip[])[]>;
  /** Orders that the account gave back as mistakes on that day, each at its place. */
  mistakesOf(userId: UserId, day: ServiceDate): Promise<readonly OrderId[]>;
  /**
   * Those that hold or have seats on the run, by what is written; in order of their ids.
   *
   * @param skipped of a run that is shortened: those alone that get in or out at one of these stops
   */
  holdersOn(runId: RunId, skipped?: NotRun["skipped"]): Promise<readonly OrderId[]>;
  /**
   * Those whose trips count, or have counted until just now, for whoever was proved to hold the document of that hash; in order of their ids.
   */
  ofTraveller(documentHash: string): Promise<readonly OrderRecord[]>;
  /** An order on a run that does not run could not be refunded. What went back of it before is kept; the next refund clears the reason. */
  noteRunRefundFailed(runId: RunId, orderId: OrderId, why: string, now: EpochMs): Promise<void>;
  /** One for each order, with all that went back of it, in order of their ids. */
  runRefunds(runId: RunId): Promise<readonly RunRefundResult[]>;
  /** Messages that must be sent although no order changes. */
  enqueue(messages: readonly LogRecord[], now: EpochMs): Promise<void>;
  /** Newest first. */
  ofUser(userId: UserId, page: OrderPage): Promise<readonly OrderRecord[]>;
  /** Unpaid orders whose time to pay is over, longest overdue first. */
  overdue(now: EpochMs, limit: number): Promise<readonly OrderRecord[]>;
  /** Ticketed orders of which a trip has ended on whose tickets nobody has entered, or that have no trip before them any more. */
  travelled(now: EpochMs, limit: number): Promise<readonly OrderRecord[]>;
  /**
   * Orders that hold, have or had seats, and whose last trip ends after that instant, in pages; what the platform rebuilds its memory
   * from. Completed ones are among them: they still count among the limits of their run and day.
   */
  live(endingAfter: EpochMs): AsyncIterable<readonly LiveOrder[]>;
  /**
   * Orders created since then that were cancelled or expired, with all their tickets, in pages: they count against hoarding. Those that
   * were ended because their train does not run are not among them.
   */
  unpaidSince(since: EpochMs): AsyncIterable<readonly LiveOrder[]>;
  /** Orders created since then, and before `until` where it is said, in pages: their idempotency keys still count. */
  createdSince(since: EpochMs, until?: EpochMs): AsyncIterable<readonly KeyedOrder[]>;
  /** Those that are there, in any order. Quick for many. */
  some(orderIds: readonly OrderId[]): Promise<readonly OrderRecord[]>;
  /** Runs on which an order holds or has a seat. */
  soldRuns(): Promise<ReadonlySet<RunId>>;
  /** Those, and runs whose seats have all come back, until they are forgotten: a seat store may have lost that they did. */
  runsInLedger(): Promise<ReadonlySet<RunId>>;
  /** How many orders hold or have a seat on each of these runs; none where a run is missing. */
  holdersOf(runIds: readonly RunId[]): Promise<ReadonlyMap<RunId, number>>;
  /**
   * The ledger forgets the seats of runs that began before that day, of so many runs at most, and tells of how many; so do the limits
   * trips that ended before it, what was given back by mistake, and student trips of school years that were over by then. Nobody can want them any more; orders and tickets stay.
   */
  forgetRuns(before: ServiceDate, limit: number): Promise<number>;
  /**
   * Orders that are over and whose trip ended before that instant, but whose tickets still name who travelled; in pages, of those that
   * were made since then.
   */
  namingTravellers(endedBefore: EpochMs, madeSince: EpochMs): AsyncIterable<readonly OrderId[]>;
  /**
   * Tickets of these orders name nobody any more, and their versions rise, by which read models learn of it; trips, seats and money
   * stay. For orders that are over: nothing else happens to them. Again, it finds nothing to do. How many orders changed.
   */
  eraseTravellers(orderIds: readonly OrderId[], now: EpochMs): Promise<number>;
  /** Highest order id written, 0 for none: ids given out later must be above it. */
  highestId(): Promise<number>;
};

/** Orders for a caller that holds something against them while they change. Read afresh, and each in one state. */
export type OrdersOfRuns = {
  /** Those that have seats on the run, as the ledger says; completed ones among them. */
  ofRun(runId: RunId): Promise<readonly OrderRecord[]>;
  /** Those that count, or have counted until just now, against one of the claim's documents. */
  ofTravellers(claim: Pick<TripClaim, "trips">): Promise<readonly OrderRecord[]>;
  /** Those that are there. */
  some(orderIds: readonly OrderId[]): Promise<readonly OrderRecord[]>;
};

/** States in which a ticket occupies something: a seat now, or a share of its passenger's limits. */
export const liveTicketStates = ["held", "issued", "used"] as const satisfies readonly TicketState[];
/** States in which an order's held or issued tickets occupy seats. */
export const seatHoldingStates = ["pendingPayment", "paid", "ticketed"] as const satisfies readonly OrderState[];
/** States in which the trips of an order count: also when they are over. */
export const tripStates = [...seatHoldingStates, "completed"] as const satisfies readonly OrderState[];
/** States in which an order has ended without having been paid. */
export const unpaidStates = ["cancelled", "expired"] as const satisfies readonly OrderState[];
/** An order that ended unpaid for this reason counts against nobody. */
export const endedByRailway = "RunCancelled" satisfies RefusalCode;
export const isTripState = (state: string | undefined): boolean =>
  (tripStates as readonly (string | undefined)[]).includes(state);

export const liveOrderOf = (order: OrderRecord): LiveOrder =>
  occupying(
    order,
    order.tickets.filter(({ state }) => (liveTicketStates as readonly string[]).includes(state)),
  );

/** Has it tickets that are held, issued or used where the run does not run? */
export const hasSeatsOn = (order: OrderRecord, notRun: NotRun): boolean =>
  isTripState(order.state) &&
  order.tickets.some(
    (ticket) =>
      isNotRun(lineOf(order, ticket), notRun) && (liveTicketStates as readonly string[]).includes(ticket.state),
  );

export const isNotRun = (line: Pick<OrderLine, "fromStop" | "runId" | "toStop">, notRun: NotRun): boolean =>
  line.runId === notRun.runId && isOff(notRun, line);

type OfTicket = Pick<TicketRecord, "passages">;
type FromWhere = Pick<OrderLine, "fromStationId">;

/** Has a gate let its passenger out elsewhere than where the trip begins? A part of the way was travelled, though the train does not go all of it. */
export const hasGone = ({ passages }: OfTicket, { fromStationId }: FromWhere): boolean =>
  passages?.leave !== undefined && passages.leave.stationId !== fromStationId;

/** When a gate has let its passenger in, unless one let them out again where the trip begins; null for who is not in. */
export function enteredAt({ passages }: OfTicket, { fromStationId }: FromWhere): EpochMs | null {
  const { enter, leave } = passages ?? {};
  if (!enter) return null;
  return leave?.stationId === fromStationId && leave.at >= enter.at ? null : enter.at;
}

/** What went back of an order before counts, too, also where the rest fails: a train may be shortened, and then not run at all. */
export const addedTo = (before: RunRefundResult | undefined, result: RunRefundResult): RunRefundResult => ({
  ...result,
  ticketCount: (before?.ticketCount ?? 0) + result.ticketCount,
  amountFen: fen((before?.amountFen ?? 0) + result.amountFen),
});

/**
 * When time next changes a ticketed order: as the first trip ends that has a ticket which no gate has seen, or else, where all were seen, given back or
 * changed, the last of those that were seen.
 */
export function useDueOf(order: Pick<OrderRecord, "lines" | "tickets">): EpochMs {
  const endsOf = (state: TicketState) =>
    order.tickets.filter((ticket) => ticket.state === state).map((ticket) => lineOf(order, ticket).arriveAt);
  const [issued, used] = [endsOf("issued"), endsOf("used")];
  if (issued.length > 0) return Math.min(...issued) as EpochMs;
  return used.length > 0 ? (Math.max(...used) as EpochMs) : endOf(order);
}

/** As one that ended unpaid is walked over. */
export const unpaidOrderOf = (order: OrderRecord): LiveOrder => occupying(order, order.tickets);

const occupying = (order: OrderRecord, tickets: readonly LiveTicket[]): LiveOrder => ({
  orderId: order.orderId,
  userId: order.userId,
  lines: mapLines(order.lines, liveLineOf),
  acceptedAt: order.acceptedAt,
  payBy: order.payBy,
  state: order.state,
  tickets: tickets.map(({ ticketNo, line, seatIndex, documentHash, documentUnproved, state }) => ({
    ticketNo,
    line,
    seatIndex,
    documentHash,
    ...(documentUnproved ? { documentUnproved } : {}),
    state,
  })),
});

const liveLineOf = (line: OrderLine): LiveLine => ({
  line: line.line,
  runId: line.runId,
  trainNumber: line.trainNumber,
  originDate: line.originDate,
  boardingDate: line.boardingDate,
  fromStop: line.fromStop,
  toStop: line.toStop,
  departAt: line.departAt,
  arriveAt: line.arriveAt,
  seatClass: line.seatClass,
  ...(line.holdLine === undefined ? {} : { holdLine: line.holdLine }),
});

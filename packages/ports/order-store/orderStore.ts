/**
 * Orders, their tickets and the seat ledger, in SQL. The ledger is the last guard of I1: whatever the seat engine believed, two
 * orders can never both be written as holding one seat over one segment.
 */
import type {
  LogRecord,
  OrderAccepted,
  AcceptedTicket,
  OrderState,
  RefusalCode,
  RunId,
  TicketState,
} from "@chepiao/contracts";
import type { EpochMs, Fen, OrderId, ServiceDate, UserId } from "@chepiao/kernel";

export type TicketRecord = AcceptedTicket & {
  readonly state: TicketState;
  /** Set once the ticket was given back. */
  readonly feeFen: Fen | null;
  readonly refundFen: Fen | null;
};

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
  /** Seats that leave the ledger with this change. */
  readonly freedSeats: readonly number[];
  /** What the rest of the platform must hear, committed with the change. */
  readonly messages: readonly LogRecord[];
};

/** What became of an accepted order when it was written. `known` is a repetition. */
export type Written = "pendingPayment" | "rejected" | "known";

export type OrderPage = { readonly state?: OrderState; readonly before?: OrderId; readonly limit: number };

/** What an order occupies, and no more: there may be millions to read when the platform wakes up. */
export type LiveOrder = Pick<
  OrderRecord,
  | "orderId"
  | "userId"
  | "runId"
  | "trainNumber"
  | "originDate"
  | "boardingDate"
  | "fromStop"
  | "toStop"
  | "departAt"
  | "arriveAt"
  | "seatClass"
  | "payBy"
  | "state"
> & { readonly tickets: readonly LiveTicket[] };
/** A ticket that is held, issued or used; others occupy nothing. */
export type LiveTicket = Pick<TicketRecord, "ticketNo" | "seatIndex" | "documentHash" | "state">;
export type KeyedOrder = Pick<OrderRecord, "orderId" | "userId" | "idempotencyKey" | "requestHash" | "acceptedAt">;

export type OrderStore = {
  /**
   * Writes accepted orders in one transaction, claiming their seats in the ledger. An order that finds one of its seats taken
   * is written as `rejected` (`SeatLost`) and takes none. Idempotent by order id (I7).
   */
  accept(orders: readonly OrderAccepted[], now: EpochMs): Promise<Written[]>;
  load(orderId: OrderId): Promise<OrderRecord | null>;
  /** Of those that are there. Quick for many. */
  states(orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, OrderState>>;
  /**
   * Makes each change in one common transaction, if the order still has the version it was decided on; tells which were made.
   * This compare-and-set is what decides between payment, cancel and expiry.
   */
  change(changes: readonly OrderChange[], now: EpochMs): Promise<boolean[]>;
  /** Messages that must be sent although no order changes. */
  tell(messages: readonly LogRecord[], now: EpochMs): Promise<void>;
  /** Newest first. */
  ofUser(userId: UserId, page: OrderPage): Promise<readonly OrderRecord[]>;
  /** Unpaid orders whose time to pay is over, longest overdue first. */
  overdue(now: EpochMs, limit: number): Promise<readonly OrderRecord[]>;
  /** Ticketed orders whose trip has ended. */
  travelled(now: EpochMs, limit: number): Promise<readonly OrderRecord[]>;
  /**
   * Orders that hold, have or had seats on trips that end after that instant, in pages; what the platform rebuilds its memory
   * from. Completed ones are among them: they still count among the limits of their run and day.
   */
  live(endingAfter: EpochMs): AsyncIterable<readonly LiveOrder[]>;
  /** Orders created since then, in pages: their idempotency keys still count. */
  createdSince(since: EpochMs): AsyncIterable<readonly KeyedOrder[]>;
  /** Runs on which somebody holds or has a seat. */
  soldRuns(): Promise<ReadonlySet<RunId>>;
  /**
   * The ledger forgets the seats of runs that began before that day, of so many runs at most, and tells of how many. Nobody can want
   * them any more; orders and tickets stay.
   */
  forgetRuns(before: ServiceDate, limit: number): Promise<number>;
  /** Highest order id written, 0 for none: ids given out later must be above it. */
  highestId(): Promise<number>;
};

/** Orders for whoever holds something against them while they change. Read afresh, and each in one state. */
export type OrdersOfRuns = {
  /** Those that have seats on the run, as the ledger says; completed ones among them. */
  ofRun(runId: RunId): Promise<readonly OrderRecord[]>;
  /** Those that are there. */
  some(orderIds: readonly OrderId[]): Promise<readonly OrderRecord[]>;
};

/** States in which a ticket occupies something: a seat now, or a share of its passenger's limits. */
export const liveTicketStates = ["held", "issued", "used"] as const satisfies readonly TicketState[];
/** States in which an order's held or issued tickets occupy seats. */
export const seatHoldingStates = ["pendingPayment", "paid", "ticketed"] as const satisfies readonly OrderState[];
/** States in which the trips of an order count: also when they are over. */
export const tripStates = [...seatHoldingStates, "completed"] as const satisfies readonly OrderState[];
export const isTripState = (state: string | undefined): boolean =>
  (tripStates as readonly (string | undefined)[]).includes(state);

export const liveOrderOf = (order: OrderRecord): LiveOrder => ({
  orderId: order.orderId,
  userId: order.userId,
  runId: order.runId,
  trainNumber: order.trainNumber,
  originDate: order.originDate,
  boardingDate: order.boardingDate,
  fromStop: order.fromStop,
  toStop: order.toStop,
  departAt: order.departAt,
  arriveAt: order.arriveAt,
  seatClass: order.seatClass,
  payBy: order.payBy,
  state: order.state,
  tickets: order.tickets
    .filter(({ state }) => (liveTicketStates as readonly string[]).includes(state))
    .map(({ ticketNo, seatIndex, documentHash, state }) => ({ ticketNo, seatIndex, documentHash, state })),
});

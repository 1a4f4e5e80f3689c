/**
 * Orders as operators look for them: by any of several conditions at once, by names that are only roughly known, and counted. A
 * read model (I8): made from orders, a moment behind them, and to be dropped and rebuilt while the platform runs. Nothing that
 * identifies a person's document is in it in clear.
 */
import type { OrderLine, OrderState, SeatClass, TicketState } from "@chepiao/contracts";
import type { EpochMs, Fen, OrderId, OrderNo, ServiceDate, UserId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";

/** What one line of an order says of its way. */
export type WayDocument = {
  readonly trainNumber: string;
  readonly originDate: ServiceDate;
  readonly boardingDate: ServiceDate;
  readonly fromStationId: string;
  readonly toStationId: string;
  readonly fromName: string;
  readonly toName: string;
  readonly departAt: EpochMs;
  readonly seatClass: SeatClass;
};

/** With the way of its first line, by which it is counted. */
export type OrderDocument = WayDocument & {
  readonly orderId: OrderId;
  /** The order's version: an older document never replaces a newer one. */
  readonly version: number;
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  readonly state: OrderState;
  readonly totalFen: Fen;
  readonly createdAt: EpochMs;
  readonly paidAt: EpochMs | null;
  readonly passengers: readonly PassengerDocument[];
  /** Of its other lines, where it has any: it is found by each. */
  readonly furtherWays?: readonly WayDocument[];
};

export type PassengerDocument = {
  readonly ticketNo: string;
  readonly name: string;
  /** As on the screen: most of its digits are stars. */
  readonly documentMasked: string;
  /** Keyed hash: finds a document whose number the operator has, and tells nobody a number. */
  readonly documentHash: string;
  readonly state: TicketState;
};

export type Range<T> = { readonly from?: T; readonly to?: T };

/**
 * All that is given must hold; what is said of a passenger, of one and the same passenger, and what is said of train, days, stations and
 * class, of one and the same way. Ranges include both ends.
 */
export type OrderFilter = {
  readonly orderNo?: string;
  /** How its number begins. */
  readonly orderNoStart?: string;
  readonly userId?: UserId;
  readonly trainNumber?: string;
  readonly originDate?: Range<ServiceDate>;
  readonly boardingDate?: Range<ServiceDate>;
  readonly createdAt?: Range<EpochMs>;
  readonly states?: readonly OrderState[];
  readonly seatClass?: SeatClass;
  /** Where the trip begins or ends. */
  readonly stationId?: string;
  readonly fromStationId?: string;
  readonly toStationId?: string;
  readonly passenger?: PassengerFilter;
};

export type PassengerFilter = {
  /**
   * Found are names with these characters or words in them, also when one of three characters or a letter or two of a word are
   * other, and names whose sound begins like this one's (王晓明, wangxiao and 王小明).
   */
  readonly name?: string;
  readonly documentMasked?: string;
  readonly documentHash?: string;
  readonly ticketNo?: string;
};

/** The last order of a page: how close it is, and which. */
export type PageEnd = readonly [closeness: number, orderId: number];

export type OrderQuery = OrderFilter & {
  readonly limit: number;
  /** `next` of the page before. */ readonly after?: PageEnd;
};

export type OrderHits = {
  /** Closest names first where a name was asked for, and otherwise newest first. */
  readonly orders: readonly OrderDocument[];
  /** How many there are, counted up to `hitsCountedMax`. */
  readonly total: number;
  readonly next: PageEnd | null;
};

export const hitsCountedMax = 10_000;

export const statisticsBy = ["originDate", "trainNumber", "state", "seatClass"] as const;
export type StatisticsBy = (typeof statisticsBy)[number];
export type Statistic = {
  readonly key: string;
  readonly orders: number;
  readonly passengers: number;
  readonly totalFen: number;
};

export type OrderSearch = {
  /**
   * Where nobody takes in what changes by itself: takes it in now. False where that is not done within the time; it then goes on. An index that is kept by
   * others has none.
   */
  caughtUp?(withinMs: number): Promise<boolean>;
  /** Takes in new and changed orders; they are found within about a second. Taking one in twice changes nothing (I7). */
  index(orders: readonly OrderDocument[]): Promise<void>;
  search(query: OrderQuery): Promise<OrderHits>;
  /** Days in order of time, everything else by number of orders, most first. */
  statistics(filter: OrderFilter, by: StatisticsBy, limit: number): Promise<readonly Statistic[]>;
  /**
   * Fills a new index from `source` and then puts it in the place of the old one, which answers until that moment. What is taken
   * in meanwhile, by whichever process, is in both. `source` must begin to read only when asked for its first page. Tells how many
   * orders came.
   */
  rebuild(source: AsyncIterable<readonly OrderDocument[]>): Promise<number>;
};

const wayOf = (line: OrderLine): WayDocument => ({
  trainNumber: line.trainNumber,
  originDate: line.originDate,
  boardingDate: line.boardingDate,
  fromStationId: line.fromStationId,
  toStationId: line.toStationId,
  fromName: line.fromName,
  toName: line.toName,
  departAt: line.departAt,
  seatClass: line.seatClass,
});

export const documentOf = (order: OrderRecord): OrderDocument => ({
  orderId: order.orderId,
  version: order.version,
  orderNo: order.orderNo,
  userId: order.userId,
  state: order.state,
  ...wayOf(order.lines[0]),
  totalFen: order.totalFen,
  createdAt: order.acceptedAt,
  paidAt: order.paidAt,
  passengers: order.tickets.map(({ ticketNo, name, documentMasked, documentHash, state }) => ({
    ticketNo,
    name,
    documentMasked,
    documentHash,
    state,
  })),
  ...(order.lines.length === 1 ? {} : { furtherWays: order.lines.slice(1).map(wayOf) }),
});

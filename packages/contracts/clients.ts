/**
 * What rooms ask of each other. A room is handed these; in one process they are function calls, between processes typed HTTP.
 * The timetable is the exception: it is reference data, so every process holds a copy and looks things up without waiting.
 */
import type {
  Brand,
  EpochMs,
  Fen,
  OrderId,
  OrderNo,
  PassengerId,
  Result,
  ServiceDate,
  UserId,
  ZoneName,
} from "@chepiao/kernel";
import type { Composition, Seat } from "./composition.ts";
import type { Refusal } from "./refusals.ts";
import type { SessionView } from "./route.ts";
import type { Station } from "./search.ts";
import type { DocumentType, SeatClass, SeatPreference, TicketType, Togetherness, TrainType } from "./vocabulary.ts";

/** One train on one origin date: `G1/2026-12-01`. The unit of stock, of partitioning and of order. */
export type RunId = Brand<string, "RunId">;
export const runId = (trainNumber: string, originDate: ServiceDate): RunId => `${trainNumber}/${originDate}` as RunId;
export const trainAndDateOf = (id: RunId) => id.split("/") as [trainNumber: string, originDate: ServiceDate];

// Ticket room ------------------------------------------------------------------------------------------------------------

export type RunStop = {
  readonly stationId: string;
  readonly name: string;
  /** Seconds after the start of the origin day; may exceed 24 hours. */
  readonly arriveS: number;
  readonly departS: number;
  readonly distanceM: number;
};

/** A train as valid on some dates: everything about it but the date. */
export type TrainVersion = {
  readonly trainVersionId: number;
  readonly trainNumber: string;
  readonly trainType: TrainType;
  readonly zone: ZoneName;
  readonly stops: readonly RunStop[];
  readonly composition: Composition;
};

export type Run = {
  readonly runId: RunId;
  readonly originDate: ServiceDate;
  readonly train: TrainVersion;
  /** Start of the origin day: add a stop's seconds to get its instant. */
  readonly dayStart: EpochMs;
  readonly saleOpensAt: EpochMs;
};

export type Leg = { readonly run: Run; readonly fromStop: number; readonly toStop: number };

export type Timetable = {
  readonly zone: ZoneName;
  readonly stations: readonly Station[];
  /** Rises whenever a newer timetable was taken over. */
  readonly version: number;
  station(stationId: string): Station | null;
  /** Station id, station name, city name, pinyin: the ids meant, or none. */
  resolvePlace(text: string): readonly string[];
  /** Stations that match what was typed, best first. */
  suggestStations(text: string, limit: number): readonly Station[];
  run(trainNumber: string, originDate: ServiceDate): Run | null;
  knowsTrain(trainNumber: string): boolean;
  /** Every way to board at one of `from` on that date and get off at one of `to`, in order of departure. */
  legs(from: readonly string[], to: readonly string[], boardingDate: ServiceDate): readonly Leg[];
  /** All runs whose origin date is that day. */
  runsOn(originDate: ServiceDate): Iterable<Run>;
  /** Where the run calls at that station, at or after `after`; -1 where it does not. */
  stopIndex(run: Run, stationId: string, after?: number): number;
  /**
   * The fare of one passenger, in fen: by distance and class, berth level, ticket type and per-train overrides. `seat` decides
   * the berth level; without it the lowest fare of the class.
   */
  fare(run: Run, seatClass: SeatClass, fromStop: number, toStop: number, ticketType: TicketType, seat?: Seat): Fen;
};

// Inventory room ---------------------------------------------------------------------------------------------------------

export type HoldCommand = {
  /** The order's id: holding twice with one id gives the first answer. */
  readonly holdId: OrderId;
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  /** One entry a passenger: a wish or null. */
  readonly preferences: readonly (SeatPreference | null)[];
  readonly deadline: EpochMs;
};
/** Names a hold. A hold lives with its run, so who names it says the run too. */
export type HoldRef = { readonly runId: RunId; readonly holdId: OrderId };

export type Held = {
  readonly seatIndexes: readonly number[];
  readonly together: Togetherness;
  /** One entry a passenger: was the wish granted (true where there was none). */
  readonly granted: readonly boolean[];
};

export type RestoredHold = {
  readonly holdId: OrderId;
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
  /** Null once confirmed. */
  readonly deadline: EpochMs | null;
};

/** Runs whose free seats have changed since a place in the news of them; null where that is not known, so any may have. */
export type ChangedRuns = { readonly place: string; readonly runIds: readonly RunId[] | null };

/** Counts changes. A live object: it is kept, and read whenever one likes; only whether it moved means something. */
export type Changes = {
  readonly count: number;
  /** For now no word of changes comes: what is read meanwhile is right, and may not be for long. */
  readonly silent?: boolean;
};

export type InventoryClient = {
  /** Decides each command on its own, all passengers or none, in the order given. */
  hold(commands: readonly HoldCommand[]): Promise<Result<Held, Refusal>[]>;
  /** The holds no longer end by themselves. Unknown or released ones are ignored. */
  confirm(holds: readonly HoldRef[]): Promise<void>;
  /** Gives back the named seats of a hold, or all; what is not held any more is ignored. */
  release(hold: HoldRef, seatIndexes?: readonly number[]): Promise<void>;
  /** Free seats by class over each leg: one entry a leg, in order. */
  available(legs: readonly Leg[]): Promise<ReadonlyMap<SeatClass, number>[]>;
  /** One flag a seat of the class: free over the whole way? */
  freeSeats(leg: Leg, seatClass: SeatClass): Promise<readonly boolean[]>;
  /**
   * Moves whenever what `available` says of the run may have changed: who remembers the count from before it asked need not ask
   * again while that is the count. An inventory of the same process moves it with the change, one in another process as soon
   * as word of it has come. Where it is left out, or silent, readers ask `available` as often as their answers have to be fresh.
   */
  changes?(run: Run): Changes;
  /** The news that `changes` of another process follows: what has changed since that place; with null, where the news stand. */
  changedSince?(place: string | null): Promise<ChangedRuns>;
};

// User room --------------------------------------------------------------------------------------------------------------

export type KnownPassenger = {
  readonly passengerId: PassengerId;
  readonly name: string;
  readonly documentType: DocumentType;
  readonly documentSealed: string;
  readonly documentHash: string;
  readonly documentMasked: string;
  readonly ticketType: TicketType;
  /** Known for resident ids and where it was given; decides child fares. */
  readonly birthDate: ServiceDate | null;
};

/** Both are asked for by every purchase, and answered at once where the answer is in memory. */
export type UserClient = {
  /** Who a token belongs to; slides the session. */
  authenticate(token: string): Promise<SessionView | null> | SessionView | null;
  /** The saved passengers of an account. */
  passengers(userId: UserId): Promise<readonly KnownPassenger[]> | readonly KnownPassenger[];
};

// Order room -------------------------------------------------------------------------------------------------------------

export type PayableOrder = {
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  readonly runId: RunId;
  readonly totalFen: Fen;
  readonly payBy: EpochMs;
  readonly subject: string;
};

export type OrderClient = {
  /** The order as its owner may pay it now. */
  payable(userId: UserId, orderNo: string): Promise<Result<PayableOrder, Refusal>>;
  /** Is this hold still wanted? Asked before an overdue hold is let go. */
  isLive(orderId: OrderId): Promise<boolean>;
};

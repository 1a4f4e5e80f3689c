/**
 * What rooms ask of each other. A room is handed these; in one process they are function calls, between processes typed HTTP.
 * The timetable is the exception: it is reference data, so every process holds a copy and looks things up without waiting.
 */
import type {
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
import type { HoldName } from "./lines.ts";
import type { ToldTrip } from "./notification.ts";
import type { OrderRequest } from "./order.ts";
import type { Policies, PolicyVersion } from "./policy.ts";
import type { Refusal, SaleRefusal } from "./refusals.ts";
import type { SessionView } from "./route.ts";
import type { RunId } from "./runId.ts";
import type { Notice, RunState } from "./runState.ts";
import type { Attribution, Station } from "./search.ts";
import type { StudentTripsLeft } from "./studentTrips.ts";
import type { TrainFare } from "./trainFares.ts";
import type {
  ChangeKind,
  DocumentProof,
  DocumentType,
  SaleChannel,
  SeatClass,
  SeatPreference,
  TicketType,
  Togetherness,
  TrainType,
} from "./vocabulary.ts";

// Timetable room ---------------------------------------------------------------------------------------------------------

export type RunStop = {
  readonly stationId: string;
  readonly name: string;
  /** Seconds after the start of the origin day; may exceed 24 hours. */
  readonly arriveS: number;
  readonly departS: number;
  readonly distanceM: number;
  /** Of the clock at the station, where that is not the train's. */
  readonly zone?: ZoneName;
  /** What passengers may not do here: get on, or get off. */
  readonly closedTo?: StopSide;
};

/** What is done at a stop: boarding, or alighting. */
export type StopSide = "boarding" | "alighting";

/** A train as valid on some dates: everything about it but the date. */
export type TrainVersion = {
  readonly trainVersionId: number;
  readonly trainNumber: string;
  readonly trainType: TrainType;
  readonly zone: ZoneName;
  readonly stops: readonly RunStop[];
  readonly composition: Composition;
  /** Of the railway's own; what they do not name is computed. */
  readonly fares?: readonly TrainFare[];
};

export type Run = {
  readonly runId: RunId;
  readonly originDate: ServiceDate;
  readonly train: TrainVersion;
  /** Start of the origin day: add a stop's seconds to get its instant. */
  readonly dayStart: EpochMs;
};

export type Leg = { readonly run: Run; readonly fromStop: number; readonly toStop: number };

/** A train at a station: of a run that calls there twice, each by itself. */
export type StationCall = { readonly run: Run; readonly stop: number };

export type Timetable = {
  readonly zone: ZoneName;
  /** Those of all stations, its own first. */
  readonly zones: readonly ZoneName[];
  /** What the clock at a station goes by; the timetable's own where the station is not known. */
  zoneOf(stationId: string): ZoneName;
  readonly stations: readonly Station[];
  /** Whom the feed asks to name. */
  readonly attributions: readonly Attribution[];
  /** Rises whenever a newer timetable was taken over, and whenever another policy begins to hold. */
  readonly version: number;
  /** The policy in force, by which fares are made and sales open. */
  readonly policy: PolicyVersion;
  station(stationId: string): Station | null;
  /** Station id, station name, city name, pinyin: the ids meant, or none. */
  resolvePlace(text: string): readonly string[];
  /** Stations that match what was typed, best first. */
  suggestStations(text: string, limit: number): readonly Station[];
  cityEnglish(city: string): string;
  run(trainNumber: string, originDate: ServiceDate): Run | null;
  knowsTrain(trainNumber: string): boolean;
  /** The number of the train that is meant: one that is written so, or else one in other letters, small or full width; null where there is none. */
  trainCalled(text: string): string | null;
  /** What became of a run on the day; null where nobody has said anything. */
  stateOf(runId: RunId): RunState | null;
  /** Moves whenever other runs or stops are cancelled than before. */
  cancellations(): number;
  /** What disturbs trains now. */
  notices(): readonly Notice[];
  /** The station that a stop of the feed belongs to; null where there is no such stop. */
  stationOfStop(stopId: string): string | null;
  /** Every way to board at one of `from` on that date and get off at one of `to`, in order of departure. */
  legs(from: readonly string[], to: readonly string[], boardingDate: ServiceDate): readonly Leg[];
  /** Trains that one may board, or get off, at the station on that date of its clock, in order of time. */
  calls(stationId: string, side: StopSide, date: ServiceDate): readonly StationCall[];
  /** When the sale opens for those who board there: counted from their day, by the clock of their station. */
  saleOpensAt(run: Run, fromStop: number): EpochMs;
  /** When it ends for them, before their train leaves. */
  saleClosesAt(run: Run, fromStop: number): EpochMs;
  /** All runs whose origin date is that day. */
  runsOn(originDate: ServiceDate): Iterable<Run>;
  /** Where the run calls at that station, at or after `after`; -1 where it does not. */
  stopIndex(run: Run, stationId: string, after?: number, side?: StopSide): number;
  /**
   * The fare of one passenger, in fen: by distance and class, berth level, ticket type and per-train overrides. `seat` decides
   * the berth level; without it the lowest fare of the class.
   */
  fare(run: Run, seatClass: SeatClass, fromStop: number, toStop: number, ticketType: TicketType, seat?: Seat): Fen;
};

/** The timetable as rooms are handed it. */
/** Runs that a newer timetable has brought to days on sale: nobody but who waits for added trains may have their seats yet (I5). */
export type AddedRuns = {
  readonly version: number;
  readonly runIds: ReadonlySet<RunId>;
  /** When this process has taken them over. */
  readonly since: EpochMs;
};

export type TimetableClient = {
  /** Always the newest that was loaded. */
  readonly timetable: Timetable;
  /** The newest, which stays as it is: what a purchase asks of it is answered by one version and one policy, whatever holds meanwhile. */
  current(): Timetable;
  /** When the sale of that day opens at stations for which the policy says nothing of their own. */
  saleOpensAt(boardingDate: ServiceDate): EpochMs;
  added(): AddedRuns;
  /** Once all who wait for these are in their lines. False where a newer timetable has come since. */
  openAdded(version: number, runIds: ReadonlySet<RunId>): Promise<boolean>;
};

// Policy room ------------------------------------------------------------------------------------------------------------

/** Every version of the railway's policy, as rooms are handed it: with those that have come since. */
export type PolicyClient = { readonly policies: Policies };

// Inventory room ---------------------------------------------------------------------------------------------------------

export type HoldCommand = {
  /** The order's id. Holding the same line twice gives the first answer. */
  readonly holdId: OrderId;
  readonly line: number;
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  /** One entry a passenger: a wish or null. */
  readonly preferences: readonly (SeatPreference | null)[];
  readonly deadline: EpochMs;
  /** Public where it is left out. */
  readonly channel?: SaleChannel;
};
export type Held = {
  readonly seatIndexes: readonly number[];
  readonly together: Togetherness;
  /** One entry a passenger: was the wish granted (true where there was none). */
  readonly granted: readonly boolean[];
};

export type RecordedHold = {
  readonly holdId: OrderId;
  readonly line: number;
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
  /** Null once confirmed. */
  readonly deadline: EpochMs | null;
};

/** What the public may buy of a class over a way. */
export type ClassAvailability = {
  /** Seats. */
  readonly sellable: number;
  /** With what a purchase of one seat would be refused; null while one can be bought. */
  readonly refusal: SaleRefusal | null;
  /** When by time alone more may become sellable: the next limit of a quota. Null where none is to come, or nothing is free. */
  readonly changesAt: EpochMs | null;
};
export type Availability = ReadonlyMap<SeatClass, ClassAvailability>;

/** Runs whose free seats have changed since a place in the feed of them; null where that is not known, so any may have. */
export type ChangedRuns = { readonly place: string; readonly runIds: readonly RunId[] | null };

/** Counts changes. A live object: it is kept, and read whenever one likes; only whether it moved means something. */
export type Changes = {
  readonly count: number;
  /** For now no word of changes comes: what is read meanwhile is right, and may not be for long. */
  readonly silent?: boolean;
};

export type InventoryClient = {
  /** Decides each command, a line of an order, on its own: all passengers or none, in the order given. */
  hold(commands: readonly HoldCommand[]): Promise<Result<Held, Refusal>[]>;
  /** The holds no longer end by themselves. Unknown or released ones are ignored. */
  confirm(holds: readonly HoldName[]): Promise<void>;
  /** Gives back the named seats of a hold, or all; what is not held any more is ignored. */
  release(hold: HoldName, seatIndexes?: readonly number[]): Promise<void>;
  /** What the public may buy over each leg now, by class: one entry a leg, in order. */
  available(legs: readonly Leg[]): Promise<Availability[]>;
  /** What `available` says of one leg, at once: where the seats are in this process. Left out where that has to be asked for. */
  availableNow?(leg: Leg): Availability;
  /** One flag a seat of the class: free over the whole way? Whether it may be sold, too, is what `available` says. */
  freeSeats(leg: Leg, seatClass: SeatClass): Promise<readonly boolean[]>;
  /**
   * Moves whenever what `available` says of the run may have changed, but for what time alone brings (`changesAt`): who remembers
   * the count from before it asked need not ask again while that is the count. An inventory of the same process moves it with the
   * change, one in another process as soon as word of it has come. Where it is left out, or silent, readers ask `available` as
   * often as their answers have to be fresh.
   */
  changes?(run: Run): Changes;
  /** The feed that `changes` of another process follows: what has changed since that place; with null, where the feed stands. */
  changedRuns?(place: string | null): Promise<ChangedRuns>;
};

// User room --------------------------------------------------------------------------------------------------------------

export type KnownPassenger = {
  readonly passengerId: PassengerId;
  readonly name: string;
  readonly documentType: DocumentType;
  readonly documentSealed: string;
  readonly documentHash: string;
  readonly documentMasked: string;
  /** The account's own person; left out by processes of versions before. */
  readonly self?: boolean;
  /** Left out by processes of versions before: proved. */
  readonly proof?: DocumentProof;
  /** Why it counts as proved though nobody was asked: nobody ever is, or nobody was yet. Left out otherwise. */
  readonly unasked?: "never" | "yet";
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
  /** Under what tickets keep the holder of a document that was shown; null where the number is none of its kind. */
  documentHash(document: ShownDocument): Promise<string | null> | string | null;
  /** The mail address that the account is known by and has proved; null where it has none, or is not open. */
  mailAddress(userId: UserId): Promise<string | null> | string | null;
  /** Was the account deleted? Nothing may be kept of it any more. */
  isDeleted(userId: UserId): Promise<boolean> | boolean;
  /** Whose account is meant by a username, a phone or a mail address; null where there is none. */
  accountOf(name: string): Promise<UserId | null> | UserId | null;
};

export type ShownDocument = { readonly type: DocumentType; readonly number: string };

// Order room -------------------------------------------------------------------------------------------------------------

export type PayableOrder = {
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  readonly runId: RunId;
  readonly totalFen: Fen;
  readonly payBy: EpochMs;
  /** What is paid for, as the payer reads it. */
  readonly subject: { readonly zh: string; readonly en: string };
};

/** An entry of the waitlist that was given seats, as the order to be made of it. */
export type FulfilCommand = {
  /** The order has it, and nothing else can: asked for twice, there is one order (I7). */
  readonly orderId: OrderId;
  readonly userId: UserId;
  /** Of this grant: what was refused is not asked for again under it. */
  readonly key: string;
  readonly line: OrderRequest & {
    readonly fromStop: number;
    /** By which the seats are held, with the order's id. */
    readonly holdLine: number;
  };
  /** With the payment room's word for it. */
  readonly prepaid: CapturedMoney & { readonly mac?: string };
};

/** What an account may be told of its order: no traveller's name is in it. */
export type ToldOrder = {
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  /** An entry of the waitlist has become it. */
  readonly isOfWaitlist: boolean;
  /** What its tickets are in place of; null where they replace none. */
  readonly changeKind: ChangeKind | null;
  readonly totalFen: Fen;
  /** One a line. */
  readonly trips: readonly (ToldTrip & { readonly runId: RunId })[];
  readonly tickets: readonly {
    readonly ticketNo: string;
    readonly line: number;
    readonly fareFen: Fen;
    /** Null where it has not gone back. */
    readonly feeFen: Fen | null;
    readonly refundFen: Fen | null;
    /** Where its passenger is to sit; null of one that is used or not valid. An older process does not say it. */
    readonly coachNo?: number | null;
    readonly seat?: { readonly seatClass: SeatClass; readonly seatIndex: number };
  }[];
};

/** Tickets of one line of an order, in coaches that their train has lost, and in which class their passengers are to sit now. */
export type ReseatCommand = {
  readonly orderId: OrderId;
  readonly ticketNos: readonly string[];
  readonly seatClass: SeatClass;
};

export type OrderClient = {
  /** The order as its owner may pay it now. */
  payable(userId: UserId, orderNo: string): Promise<Result<PayableOrder, Refusal>>;
  /**
   * Makes the order of a grant, by the steps of a purchase: limits and trips are asked for now. Seats stay held whatever comes of it. `Overloaded`,
   * `ServiceUnavailable` and `Internal` leave it open and are asked again; any other refusal is the last word on this grant.
   */
  fulfil(command: FulfilCommand): Promise<Result<OrderNo, Refusal>>;
  /**
   * Gives them other seats of their train, all of them or none: an order that replaces those tickets and costs nobody anything, made by the steps of a
   * purchase. Asked for again before that stands, it answers the same order.
   */
  reseat(command: ReseatCommand): Promise<Result<OrderNo, Refusal>>;
  /** How many trips at the student fare the account's passengers have left in the school year of that day. */
  studentTrips(userId: UserId, date: ServiceDate): Promise<StudentTripsLeft>;
  /** Is this hold still wanted? Asked before an overdue hold is let go. */
  isLive(orderId: OrderId): Promise<boolean>;
  /** What its owner may be told of an order; null where nobody knows it. */
  told(orderId: OrderId): Promise<ToldOrder | null>;
  /** The orders that have tickets for what of a run does not run. */
  holdersOn(runId: RunId, skipped: readonly number[] | null): Promise<readonly OrderId[]>;
};

// Payment room -----------------------------------------------------------------------------------------------------------

/** Money that pays for an order. */
export type CapturedMoney = {
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly amountFen: Fen;
  readonly capturedAt: EpochMs;
};

export type PaymentClient = {
  /** The money of that payment which pays for its order, as the books have it; null where none does, or nobody knows the payment. */
  captured(paymentNo: string): Promise<CapturedMoney | null>;
};

// Waitlist room ----------------------------------------------------------------------------------------------------------

/** The same of an entry: the trains that it waited for. */
export type ToldEntry = {
  readonly userId: UserId;
  readonly waitlistNo: string;
  readonly trips: readonly ToldTrip[];
};

export type WaitlistClient = {
  /** The entry as its owner may prepay it now. */
  payable(userId: UserId, waitlistNo: string): Promise<Result<PayableOrder, Refusal>>;
  /** Is a grant that is held beyond its deadline still wanted? One that nobody has made an order of yet is made one now. */
  isGrantWanted(grant: HoldName): Promise<boolean>;
  /** What its owner may be told of an entry; null where nobody knows it. */
  told(entryId: OrderId): Promise<ToldEntry | null>;
};

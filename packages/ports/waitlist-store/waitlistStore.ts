/**
 * Entries of the waitlist, and what their stories are told from. An entry is decided on where it was read, and changed by compare-and-set on
 * its version, together with the messages that tell of it (I7). In which order a run's entries are served is the seat store's; what it is
 * rebuilt from is here.
 */
import type {
  LogRecord,
  OrderLine,
  PaymentCaptured,
  RefusalCode,
  RunId,
  SeatClass,
  TicketType,
  WaitlistState,
} from "@chepiao/contracts";
import type { EpochMs, Fen, OrderId, PassengerId, ServiceDate, UserId } from "@chepiao/kernel";

/** The same of an entry's train as of an order's. */
type Ride = Pick<
  OrderLine,
  | "arriveAt"
  | "boardingDate"
  | "departAt"
  | "fromName"
  | "fromStationId"
  | "fromStop"
  | "originDate"
  | "runId"
  | "toName"
  | "toStationId"
  | "toStop"
  | "trainNumber"
>;

/** One train on one date, in one or several classes. */
export type WaitlistChoice = Ride & {
  /** Its place among the entry's, from 0: by it, and the entry's id, the seats are held that serve it. */
  readonly choice: number;
  /** In order of preference. */
  readonly seatClasses: readonly SeatClass[];
  /** Why it serves the entry no more: its time is over, or it could not be had. */
  readonly endedBecause: RefusalCode | null;
  readonly endedAt: EpochMs | null;
  /** When it was added to the timetable while the entry waited; null for one that the entry has named itself. */
  readonly addedAt: EpochMs | null;
};

/** Which trains are waited for that the timetable does not have yet. */
export type AddedTrains = {
  /** On which one would board. */
  readonly dates: readonly ServiceDate[];
  /** Clock times `HH:MM` between which they leave, both included; null for any. */
  readonly departFrom: string | null;
  readonly departUntil: string | null;
};

export type WaitlistPassenger = { readonly passengerId: PassengerId; readonly ticketType: TicketType };

export type WaitlistRecord = {
  /** The id of the order that it becomes. */
  readonly entryId: OrderId;
  readonly userId: UserId;
  readonly state: WaitlistState;
  /** Rises with every change; a change names the one it was decided on. */
  readonly version: number;
  readonly passengers: readonly WaitlistPassenger[];
  readonly choices: readonly WaitlistChoice[];
  readonly acceptsStanding: boolean;
  /** Null where no train that is added is waited for. */
  readonly addedTrains: AddedTrains | null;
  /** Of the railway's policy, by which it was opened. */
  readonly policyVersion: number;
  /** When it ends whatever its deadline; null where the policy says no age. */
  readonly endBy: EpochMs | null;
  /** Seats are taken so long before the departure of each train at the latest. */
  readonly deadlineMinutes: number;
  readonly prepayFen: Fen;
  readonly prepayBy: EpochMs;
  /** The money that gave it its place. */
  readonly captured: PaymentCaptured | null;
  /** Orders the entries of a run, the earlier first; null before it is prepaid. */
  readonly place: number | null;
  /** Of which choice it has got seats, and in which class. */
  readonly granted: { readonly choice: number; readonly seatClass: SeatClass } | null;
  /** How often it has got any: each time is a purchase of its own. */
  readonly grantCount: number;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly createdAt: EpochMs;
  readonly endedBecause: RefusalCode | null;
  readonly endedAt: EpochMs | null;
  /** When it is to be looked at again, because time will have changed it; null for one that has ended. */
  readonly nextAt: EpochMs | null;
};

export type WaitlistChange = {
  /** The entry as it shall be; its `version` is still the one it was read with. */
  readonly entry: WaitlistRecord;
  /** What the rest of the platform must hear, committed with the change. */
  readonly messages: readonly LogRecord[];
};

/** Seats that came back on a run while entries waited for it. */
export type WaitlistRelease = {
  readonly runId: RunId;
  readonly at: EpochMs;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly firstSeat: number;
  readonly seatCount: number;
  /** Entries that were served in the same step. */
  readonly servedIds: readonly OrderId[];
};

/**
 * What became of those who waited for a run, counted once it has left: what chances are estimated from. Hours before a departure are spans of
 * the room's, by their number.
 */
export type WaitlistOutcomes = {
  readonly runId: RunId;
  readonly releases: readonly ReleaseCounts[];
  readonly waits: readonly WaitCount[];
};

/** Seats that came back on ways of about that length. */
export type ReleaseCounts = {
  readonly seatClass: SeatClass;
  readonly wayLength: number;
  readonly partySize: number;
  /** How many such parties they would have seated over their whole way, by span. */
  readonly useful: readonly number[];
  /** For how long somebody waited, so that they were seen: hours, by span. */
  readonly watchedHours: readonly number[];
};

/** Entries that waited alike at a moment. */
export type WaitCount = {
  readonly seatClasses: readonly SeatClass[];
  readonly wayLength: number;
  readonly partySize: number;
  /** They had only just joined: who has waited for long is harder to serve. */
  readonly isNew: boolean;
  /** Spans of the moment, and of their latest time of decision. */
  readonly from: number;
  readonly until: number;
  /** Entries before them that could use the same seats. */
  readonly ahead: number;
  readonly waited: number;
  /** How many of them got seats of this run. */
  readonly served: number;
};

export type Added =
  | { readonly kind: "added" }
  /** By the same account under the same key, before. */
  | { readonly kind: "known"; readonly entry: WaitlistRecord }
  /** The account has as many entries that have not ended as it may have. */
  | { readonly kind: "full" };

export type ReleasesAsked = {
  readonly runId: RunId;
  /** In one of those classes, over a part of that way at least; any where it is left out. */
  readonly use?: Pick<WaitlistChoice, "seatClasses" | "fromStop" | "toStop">;
  /** That instant included; until now where it is left out. */
  readonly until?: EpochMs;
};

export type WaitlistStore = {
  /** Also of several that are added at once, no more than `pendingMax` of an account are there that have not ended. */
  add(entry: WaitlistRecord, pendingMax: number): Promise<Added>;
  load(entryId: OrderId): Promise<WaitlistRecord | null>;
  /** Those of them that are there, in the order in which they are named. */
  loadAll(entryIds: readonly OrderId[]): Promise<readonly WaitlistRecord[]>;
  /** The highest id that an entry has or had; 0 for none. */
  highestId(): Promise<number>;
  /** What the account asked for under that key. */
  ofKey(userId: UserId, idempotencyKey: string): Promise<WaitlistRecord | null>;
  /** False where the entry has another version by now: then nothing is changed. Its trains stay, and further ones may come behind them. */
  change(change: WaitlistChange, now: EpochMs): Promise<boolean>;
  /** Messages that must be sent although no entry changes. */
  enqueue(messages: readonly LogRecord[], now: EpochMs): Promise<void>;
  /** Newest first. */
  ofUser(
    userId: UserId,
    page: { readonly before?: OrderId; readonly limit: number },
  ): Promise<readonly WaitlistRecord[]>;
  /** Has the account an entry that has not ended? */
  hasPending(userId: UserId): Promise<boolean>;
  /** Was an entry of the account ever prepaid, whatever became of it? */
  hasPrepaid(userId: UserId): Promise<boolean>;
  /** Those whose `nextAt` has come, the longest overdue first. */
  due(now: EpochMs, limit: number): Promise<readonly WaitlistRecord[]>;
  /** Those that may be served by that run, or are being served: in order of their places, and of their ids where these are equal. */
  ofRun(runId: RunId): Promise<readonly WaitlistRecord[]>;
  /** The ids of the same, in the same order: for lines that are too long to be read at once. */
  idsOfRun(runId: RunId): Promise<readonly OrderId[]>;
  /** Those that have not ended and wait for added trains of that day or a later one: in order of their ids, behind that one, so many at most. */
  acceptingAdded(since: ServiceDate, after: OrderId | null, limit: number): Promise<readonly WaitlistRecord[]>;
  /** Runs that such entries name, and how many do. */
  waitedFor(): Promise<ReadonlyMap<RunId, number>>;
  /** One that is added again is there once. Of a run the newest `waitlistReleasesPerRunMax` are kept, and as many again for a while. */
  addReleases(releases: readonly WaitlistRelease[]): Promise<void>;
  /** Of these runs, since that instant, newest first, so many at most. */
  releases(asked: readonly ReleasesAsked[], since: EpochMs, limit: number): Promise<readonly WaitlistRelease[]>;
  /** Whether the run takes entries. */
  setStopped(runId: RunId, isStopped: boolean, now: EpochMs): Promise<void>;
  stopped(runIds: readonly RunId[]): Promise<ReadonlySet<RunId>>;
  /** Entries that named the run, whatever became of them: those that were made first, so many at most. */
  named(runId: RunId, limit: number): Promise<readonly WaitlistRecord[]>;
  /** Runs of that origin date that entries named, and whose outcomes are not counted yet. */
  uncounted(originDate: ServiceDate): Promise<ReadonlySet<RunId>>;
  /** Those of one run are there once. */
  addOutcomes(outcomes: WaitlistOutcomes, now: EpochMs): Promise<void>;
  /** In order of the runs' ids, those after that one, so many at most: all that are kept are too many to be read at once. */
  outcomes(after: RunId | null, limit: number): Promise<readonly WaitlistOutcomes[]>;
  /** Of how many runs of that origin date there are any. */
  outcomesOn(originDate: ServiceDate): Promise<number>;
  /** Forgets those of runs that began before that day, and of the oldest what is more than so many. How many. */
  forgetOutcomes(before: ServiceDate, keptMax: number): Promise<number>;
  /** Entries that ended before that moment, with their trains; so many at most. How many. */
  forgetEnded(before: EpochMs, limit: number): Promise<number>;
  /** Releases, and stops, of runs that began before that day; so many runs at most. How many. */
  forgetRuns(before: ServiceDate, limit: number): Promise<number>;
};

/** States of an entry that has not ended. */
export const pendingWaitlistStates = [
  "awaitingPrepayment",
  "waiting",
  "granted",
] as const satisfies readonly WaitlistState[];
/** States in which it is in line, or was served from it and may come back. */
export const lineStates = ["waiting", "granted"] as const satisfies readonly WaitlistState[];

export const isInLine = ({ state }: Pick<WaitlistRecord, "state">): boolean =>
  (lineStates as readonly string[]).includes(state);
export const isPending = ({ state }: Pick<WaitlistRecord, "state">): boolean =>
  (pendingWaitlistStates as readonly string[]).includes(state);
/** May the entry still be served by it? */
export const mayServe = (entry: Pick<WaitlistRecord, "state">, { endedBecause }: WaitlistChoice): boolean =>
  isInLine(entry) && endedBecause === null;

/** The timetable at rest: stations, trains by validity, what they are made of, and fares set by hand. */
import type {
  Attribution,
  Composition,
  RunId,
  RunStop,
  SeatClass,
  Station,
  TrainFare,
  TrainType,
} from "@chepiao/contracts";
import type { Fen, ServiceDate, ZoneName } from "@chepiao/kernel";
import type { ServiceDays } from "./service-days.ts";

export type PlannedStop = Omit<RunStop, "name" | "zone">;

/** A train as a feed gives it. Several may carry one number, but never on the same date. */
export type TrainPlan = {
  readonly trainNumber: string;
  readonly trainType: TrainType;
  readonly compositionCode: string;
  readonly days: ServiceDays;
  readonly stops: readonly PlannedStop[];
  /** As the feed has them. Trains of one price list share the object. */
  readonly fares?: readonly TrainFare[];
  /** What the feed calls it, part by part. */
  readonly trips?: readonly FeedTrip[];
};

/** A trip of the feed that a train is made of, by which messages about its way name it. */
export type FeedTrip = {
  readonly tripId: string;
  readonly routeId: string;
  /** Its calls are the train's from this one on. */
  readonly firstStop: number;
  /** The feed's `stop_sequence` of each of them, rising. */
  readonly sequences: readonly number[];
};

/** A fare set by hand. Of several that fit a journey, the one that names both stations wins. */
export type FareOverride = {
  readonly trainNumber: string;
  readonly seatClass: SeatClass;
  /** Both or none: between these two stations, or over any part of the way. */
  readonly between: { readonly fromStationId: string; readonly toStationId: string } | null;
  /** The adult fare itself (sleepers: of the cheapest berth), or a share of the computed one in basis points. */
  readonly set: { readonly fareFen: Fen } | { readonly rateBasisPoints: number };
};

export type StoredStation = Station & {
  /** Other ways in which its name may be typed: further readings of its characters. */
  readonly aliases?: readonly string[];
  /** Of the clock there, where that is not the timetable's. The times of trains are in the timetable's all the same. */
  readonly zone?: ZoneName;
  /** Stops of the feed that belong to it, its platforms: messages about trains name those. */
  readonly stopIds?: readonly string[];
};

/** A whole timetable as an importer or generator hands it over. */
export type TimetableImport = {
  readonly feedName: string;
  readonly zone: ZoneName;
  readonly stations: readonly StoredStation[];
  readonly trains: readonly TrainPlan[];
  readonly compositions: readonly Composition[];
  readonly fareOverrides: readonly FareOverride[];
  /** Whom the feed asks to name. */
  readonly attributions?: readonly Attribution[];
};

export type StoredTrain = {
  /** Unique over all imports; never used again. */
  readonly trainVersionId: number;
  readonly trainNumber: string;
  readonly trainType: TrainType;
  /** Its own, because a train kept from an older feed keeps the zone its times were meant in. */
  readonly zone: ZoneName;
  readonly composition: Composition;
  readonly days: ServiceDays;
  readonly stops: readonly PlannedStop[];
  readonly fares?: readonly TrainFare[];
};

/** A train with what the feed calls it: what messages about trains are understood by, and nobody else asks for. */
export type NamedTrain = StoredTrain & { readonly trips?: readonly FeedTrip[] };

export type StoredTimetable = {
  /** 1 after the first import, one more with every other. */
  readonly version: number;
  readonly feedName: string;
  readonly zone: ZoneName;
  readonly stations: readonly StoredStation[];
  readonly trains: readonly StoredTrain[];
  readonly fareOverrides: readonly FareOverride[];
  readonly attributions: readonly Attribution[];
  /** Runs that came while people could buy tickets of their days, and that nobody but who waits for added trains may have yet (I5). */
  readonly added?: readonly RunId[];
};

/** As an importer reads and writes it. */
export type NamedTimetable = StoredTimetable & { readonly trains: readonly NamedTrain[] };

/** Why a sold run could not follow the newer feed, and was kept as it was sold. */
export type ConflictReason =
  "dropped" | "numberChanged" | "zoneChanged" | "stopsChanged" | "timesChanged" | "compositionChanged";
export type Conflict = { readonly runId: RunId; readonly reason: ConflictReason };

export type Replaced = {
  readonly version: number;
  readonly trainCount: number;
  /** In order of run. */
  readonly conflicts: readonly Conflict[];
  /** Runs that it has brought to days that are on sale. */
  readonly addedCount: number;
};

export type ReplaceOptions = {
  /**
   * Every run with a seat that a passenger holds or has bought and not yet travelled. Asked once, before anything is written and
   * outside the transaction, so that the answer may come from the same database.
   */
  readonly soldRuns: () => Promise<ReadonlySet<RunId>>;
  /** Origin dates of trains that people can buy now: a run of those that was not there before is an added one. Left out, none is. */
  readonly onSale?: OriginDates;
  /** Nothing is written; the answer says what would come of it. */
  readonly isTrial?: boolean;
  /** Called now and then with how much of the work is done, 0…1. */
  readonly progress?: (share: number) => void;
};

/** Both included. */
export type OriginDates = { readonly from: ServiceDate; readonly until: ServiceDate };

export type TimetableStore = {
  /** 0 where nothing was imported yet. Cheap: asked every few seconds by processes that hold a copy. */
  version(): Promise<number>;
  /** Everything valid on or after that day, or null where nothing was imported yet. Trains in order of id. */
  load(from: ServiceDate): Promise<StoredTimetable | null>;
  /** The trips of the feed that its trains are made of, by the train's id; for trains that `load` answers for that day. */
  tripsOf(from: ServiceDate): Promise<ReadonlyMap<number, readonly FeedTrip[]>>;
  /**
   * Takes over a newer timetable, all or nothing. A sold run that the newer one lacks or changes (zone, stops, times or seats)
   * stays exactly as it was sold, and is reported. Runs that were added before and are not open yet are added ones still.
   */
  replace(next: TimetableImport, options: ReplaceOptions): Promise<Replaced>;
  /** Added runs of that version that are not open to everybody; null where a newer one has come since. */
  added(version: number): Promise<readonly RunId[] | null>;
  /** Opens these runs of that version to everybody. False where a newer one has come since: its added runs stay as they are. */
  openAdded(version: number, runIds: ReadonlySet<RunId>): Promise<boolean>;
};

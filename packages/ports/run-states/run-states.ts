/** Where delays, cancellations and notices are kept, by who says them, for every process to read. */
import type { Notice, RunId, RunState } from "@chepiao/contracts";
import type { EpochMs, ServiceDate } from "@chepiao/kernel";

/** All that a source says at a moment: what it said before and does not say now is taken back. */
export type RunStates = {
  readonly at: EpochMs;
  /** From then on nobody knows whether delays still hold. A cancellation stands until it is taken back. */
  readonly staleAt: EpochMs;
  readonly runs: readonly RunState[];
  readonly notices: readonly Notice[];
};

/** From when until when a source has said it of a run. One that says it again later begins anew. */
export type Cancellation = {
  readonly source: string;
  readonly runId: RunId;
  /** When this platform heard it first. */
  readonly since: EpochMs;
  /** When it was taken back; null while it is said. */
  readonly endedAt: EpochMs | null;
  /** The stops at which it does not call; null where it does not run at all. */
  readonly skipped: readonly number[] | null;
};

export type RunStateStore = {
  /** Moves with every change. Cheap: asked every few seconds by processes that hold a copy. */
  version(): Promise<number>;
  /** By source. Runs in order of id, notices in the order in which they were said. */
  read(): Promise<ReadonlyMap<string, RunStates>>;
  /**
   * Takes the place of what the source said, unless that is as new or newer: then nothing is changed, and the answer is false. With it goes what is
   * remembered of its cancellations.
   */
  replace(source: string, said: RunStates, now: EpochMs): Promise<boolean>;
  /** What is remembered of these runs, also where it is not said any more; the oldest first. */
  cancellationsOf(runIds: readonly RunId[]): Promise<readonly Cancellation[]>;
  /** What was said to the end of a run is not remembered any more: an operator knows that it runs. */
  forgetEnded(runId: RunId): Promise<void>;
  /** Forgets runs that began before that day: what is remembered of them, and whatever is said of them still. */
  forgetBefore(states: ServiceDate, cancellations: ServiceDate): Promise<void>;
};

/** Messages about trains as a feed has them, before anybody knows which runs they mean. */
export type TrainMessages = {
  readonly at: EpochMs;
  readonly trips: readonly TripMessage[];
  readonly alerts: readonly AlertMessage[];
};

export type TripName = {
  readonly tripId: string;
  /** `20261201`, or empty. */
  readonly startDate: string;
  /** Of trips by headway, which share an id: `08:00:00`, or empty. */
  readonly startTime: string;
};

export type TripMessage = TripName & {
  readonly isCancelled: boolean;
  /** Of the whole train, where nothing is said of stops. */
  readonly delayS: number | null;
  readonly stops: readonly StopMessage[];
};

export type StopMessage = {
  readonly sequence: number | null;
  /** Empty where it is named by its sequence alone. */
  readonly stopId: string;
  readonly says: "times" | "skipped" | "nothing";
  readonly arrival: TimeMessage | null;
  readonly departure: TimeMessage | null;
};
/** How much later than planned, or when. */
export type TimeMessage = { readonly delayS: number } | { readonly at: EpochMs };

export type AlertMessage = {
  readonly title: readonly TextInLanguage[];
  readonly text: readonly TextInLanguage[];
  readonly url: string | null;
  readonly periods: readonly { readonly from: EpochMs | null; readonly until: EpochMs | null }[];
  readonly trips: readonly TripName[];
  readonly stopIds: readonly string[];
  readonly routeIds: readonly string[];
  /** It is of an agency, a kind of route, or says not of what. */
  readonly isWide: boolean;
};
export type TextInLanguage = { readonly language: string; readonly text: string };

/** Where messages come from. Throws where they cannot be had, or are none. */
export type TrainMessageSource = {
  /** As it is called in reports and in the store. */
  readonly name: string;
  read(): Promise<TrainMessages>;
};

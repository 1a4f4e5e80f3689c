/**
 * Coaches that operators have withdrawn from sale, by run; some of them are lost: the train runs without them, and who has a seat there is given
 * another. And what a run was exchanged for: another composition than it was sold as. The seat store sells none of their seats and forgets that; this does not. Few runs have any, and what is past is forgotten, so they are
 * read all at once.
 */
import type { Composition, RunId } from "@chepiao/contracts";
import type { EpochMs, OrderId, ServiceDate } from "@chepiao/kernel";

/** One without which the train runs, and since when that was said. */
export type LostCoach = { readonly no: number; readonly since: EpochMs };

/** That a run is run as another composition than it was sold as: see exchange.ts. */
export type Exchange = {
  /** Plain ones, each in place of the one before: the first is what the run was sold as, the last what the train is. */
  readonly compositions: readonly [Composition, ...Composition[]];
  readonly since: EpochMs;
  /** Since when nobody but who is moved is given a seat; null until the seat store has heard. */
  readonly closedAt: EpochMs | null;
  /** Since when everybody may have seats again: all who were to be moved had been asked for; null until then. */
  readonly openedAt: EpochMs | null;
};

/** All that are withdrawn of a run, by number and in order; none where all were put on sale again. Those that are lost are among them. */
export type WithdrawnCoaches = {
  readonly runId: RunId;
  readonly coachNos: readonly number[];
  readonly lost: readonly LostCoach[];
  /** Coaches are those of its last composition. Left out where the train is what it was planned to be. */
  readonly exchange?: Exchange;
};

/**
 * An order with tickets in lost coaches of a run: which those were, and why they could not be given other seats when that was last tried; null where it was
 * not refused. What has become of each since, the order says.
 */
export type ReseatResult = {
  readonly orderId: OrderId;
  readonly ticketNos: readonly string[];
  readonly why: string | null;
  readonly at: EpochMs;
};

export type WithdrawnCoachStore = {
  /** How many changes were made; 0 where nothing was ever withdrawn. */
  version(): Promise<number>;
  /** Of every run of which something is withdrawn, or was: who follows has to hear of what was put back. `version` is as of the same moment. */
  all(): Promise<{ readonly version: number; readonly runs: readonly WithdrawnCoaches[] }>;
  /** Of these runs, those of which anything was ever withdrawn. */
  ofRuns(runIds: readonly RunId[]): Promise<readonly WithdrawnCoaches[]>;
  /**
   * Replaces what is withdrawn of a run, or with null does nothing: where there is a change after that version already, somebody else was
   * quicker. Answers the new version.
   */
  set(after: number, change: WithdrawnCoaches): Promise<number | null>;
  /** A row for each order; tickets that were noted before stay among those of theirs. */
  noteReseats(runId: RunId, results: readonly ReseatResult[]): Promise<void>;
  /** One for each order, in order of their ids. */
  reseats(runId: RunId): Promise<readonly ReseatResult[]>;
  /** Forgets runs of origin dates before that day, and what became of their orders. Answers how many. */
  forgetBefore(date: ServiceDate): Promise<number>;
};

/** Each once, in order: as stores keep them. */
export const inOrder = ({ runId, coachNos, lost, exchange }: WithdrawnCoaches): WithdrawnCoaches => ({
  runId,
  ...(exchange && { exchange }),
  coachNos: [...new Set(coachNos)].toSorted((a, b) => a - b),
  lost: lost.filter(({ no }) => coachNos.includes(no)).toSorted((a, b) => a.no - b.no),
});

/** As a store keeps it that knew the order before. */
export const addedReseat = (before: ReseatResult | undefined, now: ReseatResult): ReseatResult => ({
  ...now,
  ticketNos: [...new Set([...(before?.ticketNos ?? []), ...now.ticketNos])].toSorted(),
});

/** Where nothing was ever withdrawn. */
export const noneWithdrawn = (runId: RunId): WithdrawnCoaches => ({ runId, coachNos: [], lost: [] });

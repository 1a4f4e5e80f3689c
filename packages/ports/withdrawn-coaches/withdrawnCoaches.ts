/**
 * Coaches that operators have withdrawn from sale, by run. The seat store sells none of their seats and forgets that; this does not. Few runs
 * have any, and what is past is forgotten, so they are read all at once.
 */
import type { RunId } from "@chepiao/contracts";
import type { ServiceDate } from "@chepiao/kernel";

/** All that are withdrawn of a run, by number and in order; none where all were put on sale again. */
export type WithdrawnCoaches = { readonly runId: RunId; readonly coachNos: readonly number[] };

export type WithdrawnCoachStore = {
  /** How many changes were made; 0 where nothing was ever withdrawn. */
  version(): Promise<number>;
  /** Of every run of which something is withdrawn, or was: who follows has to hear of what was put back. `version` is as of the same moment. */
  all(): Promise<{ readonly version: number; readonly runs: readonly WithdrawnCoaches[] }>;
  /** Those of a run. */
  ofRun(runId: RunId): Promise<readonly number[]>;
  /**
   * Replaces what is withdrawn of a run, or with null does nothing: where there is a change after that version already, somebody else was
   * quicker. Answers the new version.
   */
  set(after: number, change: WithdrawnCoaches): Promise<number | null>;
  /** Forgets runs of origin dates before that day. Answers how many. */
  forgetBefore(date: ServiceDate): Promise<number>;
};

/** Each once, in order: as stores keep them. */
export const inOrder = (coachNos: readonly number[]): number[] => [...new Set(coachNos)].toSorted((a, b) => a - b);

/** What became of runs on the day: delays, cancellations, and notices of what disturbs them. */
import type { EpochMs } from "@chepiao/kernel";
import type { RunId } from "./runId.ts";

export type StopState = {
  readonly stop: number;
  /** Later than planned where above 0; null where nobody has said. */
  readonly arriveDelayS: number | null;
  readonly departDelayS: number | null;
  /** The train does not call here today. */
  readonly isSkipped: boolean;
  /** An operator has said so: who gets in or out here has his money back. */
  readonly isCut?: boolean;
};

export type RunState = {
  readonly runId: RunId;
  /** It does not run. */
  readonly isCancelled: boolean;
  /** Of one that an operator has cancelled: who has a ticket may take another train until then, and after it the money goes back by itself. */
  readonly refundsFrom?: EpochMs;
  /** Those of which something is known, in order. */
  readonly stops: readonly StopState[];
  /** Numbers of coaches without which it runs. */
  readonly lostCoaches?: readonly number[];
  /** Code of the composition as which it runs, where that is not the one that it was sold as. */
  readonly exchangedTo?: string;
};

/** Where the train does not run, or does not call at one of the ends. */
export const isWayOff = (
  state: RunState | null,
  { fromStop, toStop }: { readonly fromStop: number; readonly toStop: number },
): boolean =>
  state !== null &&
  (state.isCancelled || state.stops.some(({ stop, isSkipped }) => isSkipped && (stop === fromStop || stop === toStop)));

export type Notice = {
  readonly title: InBoth;
  readonly text: InBoth;
  readonly url: string | null;
  /** Null for as long as it is said. */
  readonly from: EpochMs | null;
  readonly until: EpochMs | null;
  /** Of these trains or stations; where there are none, of everything. */
  readonly trainNumbers: readonly string[];
  readonly stationIds: readonly string[];
};

/** In both languages of the site; the same text where there is but one. */
export type InBoth = { readonly zh: string; readonly en: string };

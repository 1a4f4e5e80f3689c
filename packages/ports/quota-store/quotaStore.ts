/**
 * Quotas by origin and destination, as operators have set them: of a run and class, in force until they are replaced or dropped. The seat
 * store enforces them, and forgets; this does not.
 */
import type { QuotaLimit, RunId, SeatClass } from "@chepiao/contracts";
import type { ServiceDate } from "@chepiao/kernel";

/** By stations, because a newer timetable may count stops otherwise; null is any stop of the run. */
export type StationQuota = {
  readonly fromStations: readonly string[] | null;
  readonly toStations: readonly string[] | null;
  /** In order of time. */
  readonly limits: readonly QuotaLimit[];
};

/** All quotas of a class of a run; none where they were dropped. */
export type ClassQuotas = {
  readonly runId: RunId;
  readonly seatClass: SeatClass;
  readonly quotas: readonly StationQuota[];
};

export type QuotaStore = {
  /** How many changes were made; 0 where quotas were never set. */
  version(): Promise<number>;
  /** What stands of the changes after that version, those that were dropped without quotas; and up to which version that is, read in one. */
  since(version: number): Promise<{ readonly version: number; readonly changed: readonly ClassQuotas[] }>;
  /** Those of a run that has quotas, by class. */
  ofRun(runId: RunId): Promise<readonly ClassQuotas[]>;
  /**
   * Replaces the quotas of each class of a run that is named, all of them or, with null, none: where there is a change after that version
   * already, somebody else was quicker. Answers the new version. Nothing is named twice.
   */
  set(after: number, changes: readonly ClassQuotas[]): Promise<number | null>;
  /** Forgets runs of origin dates before that day. Answers how many classes were forgotten. */
  forgetBefore(date: ServiceDate): Promise<number>;
};

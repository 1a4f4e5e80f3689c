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

/** Where a page ends. */
export type QuotaPlace = Pick<ClassQuotas, "runId" | "seatClass">;
export type QuotaPage = {
  readonly version: number;
  /** At most `quotasPerPageMax`. */
  readonly changed: readonly ClassQuotas[];
  /** What the next page is after; null where this was the last. */
  readonly next: QuotaPlace | null;
};

/** Some hundred kilobytes, and a step of the thread that sells. */
export const quotasPerPageMax = 1_000;

/** What follows on a page that was read, as long as one may be. */
export function quotaPage(version: number, changed: readonly ClassQuotas[]): QuotaPage {
  const last = changed.at(-1);
  return {
    version,
    changed,
    next: last && changed.length === quotasPerPageMax ? { runId: last.runId, seatClass: last.seatClass } : null,
  };
}

export type QuotaStore = {
  /** How many changes were made; 0 where quotas were never set. */
  version(): Promise<number>;
  /**
   * What stands of the changes after that version on runs of origin dates before that day, those that were dropped without quotas; a page of
   * it, in an order that stays, and where it ends. `version` is as of the page: whoever reads all pages has what stands at the first one's,
   * and perhaps some of what was changed while it read.
   */
  since(version: number, before: ServiceDate, after?: QuotaPlace): Promise<QuotaPage>;
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

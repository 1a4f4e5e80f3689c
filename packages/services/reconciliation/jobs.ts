/**
 * What the reconciliation room does by itself: every night it looks at the day that is over, at days with open cases, and once more at
 * the day whose trips have ended since. One process of all does it; two for a moment find the same cases (I7).
 */
import { addDays, dateIn, type EpochMs, hourMs, instantOfClock, minuteMs, type ServiceDate } from "@chepiao/kernel";
import type { Work } from "@chepiao/room";
import { dayBefore, type Reconciliation, type ReconciliationDeps } from "./index.ts";
import type { Report } from "./report.ts";

type Deps = Pick<ReconciliationDeps, "clock" | "store" | "zone"> & {
  readonly reconcile: Reconciliation["reconcileInPasses"];
  /** Minute of the railway's day. */
  readonly atMinute: number;
  readonly log: (message: string) => void;
};

/** By then the trips of a day's orders are over, and what goes back of them has gone back. */
const againAfterDays = 35;
/** So many days may wait for what their cases need, or for a statement. */
const daysWithCasesMax = 31;
const daysWithoutStatement = [-3, -2];
/** A platform that was down for longer is reconciled by hand. Days that are looked at again after their trips are not among these. */
const madeUpDaysMax = againAfterDays - 2;
const askAgainMs = hourMs;
const everyMs = 10 * minuteMs;

export function createJobs({ clock, store, zone, reconcile, atMinute, log }: Deps) {
  /** Of today; the day before's cases are looked for from then on. */
  const startOf = (now: EpochMs): EpochMs => instantOfClock(dateIn(zone, now), atMinute, zone);

  async function isDue(day: ServiceDate, now: EpochMs): Promise<boolean> {
    const [last] = await store.reports(day, 1);
    if (!last || last.endedAt < startOf(now)) return true;
    return isUnstated(last.report) && last.endedAt < now - askAgainMs;
  }

  async function isWaiting(day: ServiceDate): Promise<boolean> {
    const [last] = await store.reports(day, 1);
    return last !== undefined && isUnstated(last.report);
  }

  /** Days without a report since the first that has one: nights that were missed, and days that could not be reconciled. */
  async function missedDays(yesterday: ServiceDate): Promise<readonly ServiceDate[]> {
    const missed: ServiceDate[] = [];
    let isBegun = false;
    for (let back = madeUpDaysMax; back > 0; back--) {
      const day = addDays(yesterday, -back);
      const isReported = (await store.reports(day, 1)).length > 0;
      isBegun ||= isReported;
      if (isBegun && !isReported) missed.push(day);
    }
    return missed;
  }

  async function daysToLookAt(): Promise<readonly ServiceDate[]> {
    const yesterday = dayBefore({ zone, clock });
    const waiting: ServiceDate[] = [];
    for (const back of daysWithoutStatement)
      if (await isWaiting(addDays(yesterday, back + 1))) waiting.push(addDays(yesterday, back + 1));
    const again = addDays(yesterday, 1 - againAfterDays);
    const open = (await store.openScopes(daysWithCasesMax)).filter((day) => day <= yesterday);
    return [...new Set([yesterday, ...waiting, ...(await missedDays(yesterday)), ...open, again])];
  }

  const failedAt = new Map<ServiceDate, EpochMs>();

  /** A day that cannot be reconciled keeps no other waiting. */
  async function isReconciled(day: ServiceDate): Promise<boolean> {
    try {
      const report = await reconcile(day);
      failedAt.delete(day);
      if (report === "later") return false;
      if (report) log(lineOf(report));
      return true;
    } catch (error) {
      failedAt.set(day, clock.now());
      log(`${day} could not be reconciled, and is tried again: ${String(error)}`);
      return false;
    }
  }

  /** One day a pass; true where another may be due. */
  async function reconcileNightly(): Promise<boolean> {
    const now = clock.now();
    if (now < startOf(now)) return false;
    for (const day of await daysToLookAt()) {
      const hasJustFailed = (failedAt.get(day) ?? 0) > now - everyMs;
      if (!hasJustFailed && (await isDue(day, now)) && (await isReconciled(day))) return true;
    }
    return false;
  }

  const work: readonly Work[] = [
    {
      kind: "job",
      name: "reconciliation",
      electedAs: "reconciliation",
      everyMs,
      pass: reconcileNightly,
      failed: "a day could not be reconciled; trying again",
    },
  ];
  return { work, reconcileNightly };
}

const isUnstated = (report: string): boolean => (JSON.parse(report) as Report).statements_missing.length > 0;

const lineOf = ({ day, total_checked, inconsistent_count, manual_fix_count, statements_missing }: Report): string =>
  [
    `reconciled ${day}: ${total_checked} checked, ${inconsistent_count} differ, ${manual_fix_count} need somebody`,
    ...(statements_missing.length > 0 ? [`no statement yet of ${statements_missing.join(", ")}`] : []),
  ].join("; ");

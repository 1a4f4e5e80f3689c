/**
 * The reconciliation room: holds tickets, our books of payments and providers' statements against each other, while people buy. It
 * changes nothing of what it looks at: a difference is a case, and whose data it is puts it right.
 */
import { addDays, dateIn, type ServiceDate } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { ReconciliationCase, ReconciliationStore } from "@chepiao/ports/reconciliation-store";
import { decideCases, isSame } from "./cases.ts";
import { type Books, compareDay, type Comparison, withinDay } from "./compareDay.ts";
import { caseIdOf, type Difference, type Within } from "./difference.ts";
import { type Report, reportOf } from "./report.ts";
import { createStatements } from "./statements.ts";

export { ownerOf } from "./cases.ts";
export type { Report } from "./report.ts";
export { confirmAfterMs, watermarkMs } from "./settings.ts";

export type ReconciliationDeps = Books & {
  readonly clock: Clock;
  readonly store: ReconciliationStore;
  readonly providers: readonly Pick<PaymentProvider, "channel" | "statement">[];
  /** What is younger may be on its way from room to room. */
  readonly watermarkMs: number;
  /** Between the two readings that have to agree. */
  readonly confirmAfterMs: number;
};

export type Reconciliation = {
  /** Null for a day that has not begun. */
  reconcile(day: ServiceDate): Promise<Report | null>;
  /** An operator says why a difference may stay; false where there is no such open case. */
  settle(caseId: string, reason: string): Promise<boolean>;
};

export function createReconciliation(deps: ReconciliationDeps): Reconciliation {
  const { clock, store, zone, watermarkMs, confirmAfterMs } = deps;

  /** Reads once more where something differs: what was on its way has come by then, and both readings have to find the same. */
  async function compareTwice(day: ServiceDate, within: Within) {
    const first = await compareDay(deps, createStatements(deps.providers), day, within);
    if (first.differences.length === 0) return { comparison: first, agreed: [], either: [] };
    await sleep(clock, confirmAfterMs);
    const second = await compareDay(deps, createStatements(deps.providers), day, { ...within, now: clock.now() });
    return {
      comparison: second,
      agreed: inBoth(first, second),
      either: [...first.differences, ...second.differences],
    };
  }

  async function write(wanted: readonly ReconciliationCase[]): Promise<ReconciliationCase[]> {
    const written: ReconciliationCase[] = [];
    // One that somebody else has changed meanwhile is his: the next run looks again.
    for (const each of wanted) if (await store.change(each)) written.push(each);
    return written;
  }

  return {
    async reconcile(day) {
      const startedAt = clock.now();
      const within = withinDay(day, zone, startedAt, watermarkMs);
      if (!within) return null;
      const { comparison, agreed, either } = await compareTwice(day, within);
      const { checked, unstated, young, totals } = comparison;
      const now = clock.now();
      const found = { scope: day, agreed, either, young, unstated, now };
      const cases = await write(decideCases(await store.ofScope(day), found));
      const runNo = `reconciliation_${day.replaceAll("-", "")}_${now}`;
      const ran = { runNo, day, zone, startedAt, endedAt: now, watermark: within.watermark };
      const report = reportOf({ ...ran, checked, unstated, totals, cases });
      await store.report({ runNo, scope: day, endedAt: now, report: JSON.stringify(report) });
      return report;
    },
    async settle(caseId, reason) {
      const known = await store.find(caseId);
      if (known?.state !== "open") return false;
      return store.change({ ...known, state: "settled", endedAt: clock.now(), reason });
    },
  };
}

/** Yesterday at the railway: the day that is over. */
export const dayBefore = ({ zone, clock }: Pick<ReconciliationDeps, "clock" | "zone">): ServiceDate =>
  addDays(dateIn(zone, clock.now()), -1);

function inBoth(first: Comparison, second: Comparison): Difference[] {
  const before = new Map(first.differences.map((each) => [caseIdOf(each), each]));
  return second.differences.filter((each) => {
    const same = before.get(caseIdOf(each));
    return same !== undefined && isSame(same.facts, each.facts);
  });
}

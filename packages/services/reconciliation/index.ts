/**
 * The reconciliation room: holds tickets, our books of payments and providers' statements against each other, while people buy. It
 * changes nothing of what it looks at: a difference is a case, and whose data it is puts it right.
 */
import { addDays, dateIn, type EpochMs, epochMs, type ServiceDate } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { ReconciliationCase, ReconciliationStore } from "@chepiao/ports/reconciliation-store";
import { type Found, goneCases, isOfOrders, isSame, seenCase } from "./cases.ts";
import { type Books, compareDay, type Comparison, withinDay } from "./compareDay.ts";
import { caseIdOf, type Difference, type Within } from "./difference.ts";
import { withManyInOne } from "./many.ts";
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
  readonly log: (message: string) => void;
};

export type Reconciliation = {
  /** Null for a day that has not begun. */
  reconcile(day: ServiceDate): Promise<Report | null>;
  /** The same for a job, whose process may be about to stop: "later" where the second reading is not due for minutes. */
  reconcileInPasses(day: ServiceDate): Promise<Report | "later" | null>;
  /** An operator says why a difference may stay; false where there is no such open case. */
  settle(caseId: string, reason: string): Promise<boolean>;
};

type Begun = {
  readonly startedAt: EpochMs;
  readonly within: Within;
  readonly open: readonly ReconciliationCase[];
  readonly first: Comparison;
  readonly againAt: EpochMs;
};

/** Others who write a case at the same moment are few: another run, an operator. */
const writesMax = 3;

export function createReconciliation(deps: ReconciliationDeps): Reconciliation {
  const { clock, store, zone, watermarkMs, confirmAfterMs } = deps;

  const read = (day: ServiceDate, within: Within, open: readonly ReconciliationCase[]) =>
    compareDay(deps, createStatements(deps.providers, deps.log), day, within, open);

  async function begin(day: ServiceDate): Promise<Begun | null> {
    const startedAt = clock.now();
    const within = withinDay(day, zone, startedAt, watermarkMs);
    if (!within) return null;
    const open = (await store.ofScope(day)).filter(({ state }) => state === "open");
    const first = await read(day, within, open);
    const waitMs = (await isNewOfOrders(first.differences)) ? Math.max(watermarkMs, confirmAfterMs) : confirmAfterMs;
    const againAt = first.differences.length === 0 ? startedAt : epochMs(clock.now() + waitMs);
    return { startedAt, within, open, first, againAt };
  }

  /** Reads once more where something differs: what was on its way has come by then, and both readings have to find the same. */
  async function readAgain(day: ServiceDate, { within, open, first }: Begun) {
    if (first.differences.length === 0) return { comparison: first, agreed: [], either: [] };
    const second = await read(day, { ...within, now: clock.now() }, open);
    return {
      comparison: { ...second, unstated: [...new Set([...first.unstated, ...second.unstated])] },
      agreed: inBoth(first, second),
      either: [...first.differences, ...second.differences],
    };
  }

  /** One that is a case already has been there for long enough. */
  async function isNewOfOrders(differences: readonly Difference[]): Promise<boolean> {
    for (const difference of differences.filter(isOfOrders)) {
      const known = await store.find(caseIdOf(difference));
      if (!known || known.state === "gone" || !isSame(known.facts, difference.facts)) return true;
    }
    return false;
  }

  /** Case by case, whichever day it is of. One that cannot be written is told all the same: the difference is there. */
  async function writeSeen(found: Found): Promise<ReconciliationCase[]> {
    const cases: ReconciliationCase[] = [];
    for (const difference of found.agreed) {
      let wanted = seenCase(await store.find(caseIdOf(difference)), difference, found);
      for (let tries = 1; !(await store.change(wanted)) && tries < writesMax; tries++)
        wanted = seenCase(await store.find(wanted.caseId), difference, found);
      cases.push(wanted);
    }
    return cases;
  }

  async function writeGone(known: readonly ReconciliationCase[], found: Found): Promise<ReconciliationCase[]> {
    const written: ReconciliationCase[] = [];
    // One that somebody else has changed meanwhile is his: the next run looks again.
    for (const each of goneCases(known, found)) if (await store.change(each)) written.push(each);
    return written;
  }

  async function conclude(day: ServiceDate, begun: Begun): Promise<Report> {
    const waitMs = begun.againAt - clock.now();
    if (waitMs > 0) await sleep(clock, waitMs);
    const { startedAt, within, open } = begun;
    const { comparison, agreed, either } = await readAgain(day, begun);
    const { checked, unstated, totals } = comparison;
    const now = clock.now();
    const cased = withManyInOne(day, agreed);
    const found = { ...comparison, scope: day, agreed: cased, either: [...either, ...cased], now };
    const cases = [...(await writeSeen(found)), ...(await writeGone(open, found))];
    const runNo = `reconciliation_${day.replaceAll("-", "")}_${now}`;
    const ran = { runNo, day, zone, startedAt, endedAt: now, watermark: within.watermark };
    const report = reportOf({ ...ran, checked, unstated, totals, cases });
    await store.report({ runNo, scope: day, endedAt: now, report: JSON.stringify(report) });
    return report;
  }

  const begunBefore = new Map<ServiceDate, Begun>();

  return {
    async reconcile(day) {
      const begun = await begin(day);
      return begun && conclude(day, begun);
    },
    async reconcileInPasses(day) {
      const begun = begunBefore.get(day) ?? (await begin(day));
      if (!begun) return null;
      begunBefore.set(day, begun);
      if (begun.againAt - clock.now() > confirmAfterMs) return "later";
      begunBefore.delete(day);
      return conclude(day, begun);
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

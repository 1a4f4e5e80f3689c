/** What a run tells: the report that the design document describes, with the cases of the day and its money. */
import { type EpochMs, formatInZone, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import type { ReconciliationCase } from "@chepiao/ports/reconciliation-store";
import { ownerOf } from "./cases.ts";
import type { DayTotals } from "./totals.ts";

export type ReportDetail = Readonly<Record<string, string | number | null>>;

export type Report = {
  readonly task_id: string;
  readonly day: ServiceDate;
  readonly start_time: string;
  readonly end_time: string;
  /** What is younger was not looked at. */
  readonly watermark: string;
  readonly total_checked: number;
  /** Differences that are there now, settled ones among them. */
  readonly inconsistent_count: number;
  /** Differences of before that are gone, by the rooms whose data it is. */
  readonly auto_fixed_count: number;
  /** Differences somebody has to look at. */
  readonly manual_fix_count: number;
  /** Channels whose statement of the day is not there yet. */
  readonly statements_missing: readonly string[];
  readonly totals: Readonly<Record<string, number>>;
  /** The open ones first. */
  readonly inconsistent_details: readonly ReportDetail[];
  /** So many more there are: the cases have them. */
  readonly inconsistent_details_left_off: number;
};

/** A report is kept in one row, and read by people. */
const detailsMax = 1_000;

export type Ran = {
  readonly runNo: string;
  readonly day: ServiceDate;
  readonly zone: ZoneName;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly watermark: EpochMs;
  readonly checked: number;
  readonly unstated: readonly string[];
  readonly totals: DayTotals;
  /** Cases of the day that this run has seen, or that it saw no more. */
  readonly cases: readonly ReconciliationCase[];
};

export function reportOf({ zone, cases, ...ran }: Ran): Report {
  const here = cases.filter(({ state }) => state !== "gone");
  const open = here.filter(({ state }) => state === "open");
  const others = cases.filter(({ state }) => state !== "open");
  return {
    task_id: ran.runNo,
    day: ran.day,
    start_time: formatInZone(ran.startedAt, zone),
    end_time: formatInZone(ran.endedAt, zone),
    watermark: formatInZone(ran.watermark, zone),
    total_checked: ran.checked,
    inconsistent_count: here.length,
    auto_fixed_count: cases.length - here.length,
    manual_fix_count: open.length,
    statements_missing: ran.unstated,
    totals: snakeCased(ran.totals),
    inconsistent_details: [...open, ...others].slice(0, detailsMax).map((each) => detailOf(each, zone)),
    inconsistent_details_left_off: Math.max(0, cases.length - detailsMax),
  };
}

const actions = { open: "open", gone: "auto_fixed", settled: "settled" } as const;

const detailOf = (each: ReconciliationCase, zone: ZoneName): ReportDetail => ({
  case_id: each.caseId,
  kind: each.kind,
  owner: ownerOf[each.kind],
  subject: each.subject,
  ...snakeCased(each.facts),
  diff: differenceIn(each.facts),
  first_seen: formatInZone(each.firstSeenAt, zone),
  last_seen: formatInZone(each.lastSeenAt, zone),
  action: actions[each.state],
  fix_time: each.endedAt === null ? null : formatInZone(each.endedAt, zone),
});

/** By how many fen the two sides differ, where both say an amount or one has none. */
function differenceIn(facts: ReconciliationCase["facts"]): number | null {
  const { booksFen, statedFen, diffFen } = facts;
  if (typeof diffFen === "number") return diffFen;
  if (booksFen === undefined || statedFen === undefined) return null;
  return Number(booksFen ?? 0) - Number(statedFen ?? 0);
}

const snakeCased = <Value>(values: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );

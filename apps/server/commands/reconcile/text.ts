/** Cases and reports as a terminal shows them. */
import { formatInZone, type EpochMs, type ZoneName } from "@chepiao/kernel";
import type { CaseFacts, CaseKind, ReconciliationCase } from "@chepiao/ports/reconciliation-store";
import { ownerOf, type Report } from "@chepiao/services/reconciliation";
import { table } from "../table.ts";

/** What each kind of difference is, in words. */
const meanings: Readonly<Record<CaseKind, string>> = {
  tradeUnheard: "the provider took money that our books do not have",
  tradeNotStated: "our books have money that the statement does not",
  tradeAmount: "the statement has another amount",
  tradeMisplaced: "the statement has the money for another payment",
  refundUnknown: "the provider gave money back that nobody here asked it to",
  refundNotStated: "a refund that is settled here is on no statement",
  refundAmount: "the statement has another refund under this number",
  refundUnsettled: "the provider gave money back, and the refund is still due here",
  lineRepeated: "the statement has this number more than once",
  statementMissing: "the provider has no statement of the day",
  refundOverdue: "a refund is due for more than a day",
  refundTooMuch: "refunds and fees are more than the money that came",
  surplusKept: "money that pays for nothing has not gone back whole",
  moneyUnused: "money is on no ticket, no fee, no prepayment and no refund",
  moneyMissing: "tickets, fees, prepayments and refunds are more than the money that came",
  orderUnpaid: "the order is paid, and nobody has its money",
  entryUnpaid: "the entry waits, and nobody has its prepayment",
};

export function reportText(report: Report): string {
  const { day, total_checked, auto_fixed_count, inconsistent_count, manual_fix_count, statements_missing } = report;
  const leftOff = report.inconsistent_details_left_off;
  const settled = inconsistent_count - manual_fix_count;
  const { captured_fen, captured_stated_fen, refunded_fen, refunded_stated_fen, fees_fen, prepaid_fen } = report.totals;
  const rows = [
    ["", "books", "statements"],
    ["captured, fen", String(captured_fen), String(captured_stated_fen)],
    ["refunded, fen", String(refunded_fen), String(refunded_stated_fen)],
    ["of it prepaid, fen", String(prepaid_fen), ""],
    ["fees kept, fen", String(fees_fen), ""],
  ];
  return [
    `${day}, up to ${report.watermark}: ${total_checked} payments and orders.`,
    ...table(rows, { numbers: true }),
    ...(statements_missing.length > 0 ? [`No statement yet of ${statements_missing.join(", ")}.`] : []),
    ...report.inconsistent_details.map(
      ({ case_id, kind, subject, action }) =>
        `${String(case_id)}  ${String(action)}  ${String(subject)}: ${meanings[kind as CaseKind]}`,
    ),
    ...(leftOff > 0 ? [`${leftOff} more are not shown: see reconcile cases.`] : []),
    `${manual_fix_count} need somebody, ${settled} are settled, ${auto_fixed_count} are gone.`,
  ].join("\n");
}

export function casesText(cases: readonly ReconciliationCase[], zone: ZoneName, now: EpochMs): string {
  if (cases.length === 0) return "No case is open.";
  return cases.flatMap((each) => caseLines(each, zone, now)).join("\n");
}

function caseLines(each: ReconciliationCase, zone: ZoneName, now: EpochMs): readonly string[] {
  const { caseId, kind, scope, subject, facts, firstSeenAt, lastSeenAt } = each;
  return [
    `${caseId}  ${scope}  ${subject}: ${meanings[kind]}`,
    `  ${ownerOf[kind]} room; ${factsText(facts, zone)}`,
    `  open for ${ageText(now - firstSeenAt)}, last seen ${formatInZone(lastSeenAt, zone)}`,
  ];
}

const factsText = (facts: CaseFacts, zone: ZoneName): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${isMoment(name) ? formatInZone(value as EpochMs, zone) : value}`)
    .join(", ");
const isMoment = (name: string): boolean => name === "at" || name.endsWith("At");

function ageText(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** The worked table of docs/flows/refund.md is right, row by row, in both policies that are shipped. */
import { expect, test } from "bun:test";
import { policyProfiles, withChanges } from "@chepiao/contracts";
import { addDays, type EpochMs, epochMs, fen, serviceDate } from "@chepiao/kernel";
import { type ChangedTicket, refundRulesOf, refundTerms } from "./refundFee.ts";

const page = await Bun.file(`${import.meta.dir}/../../../docs/flows/refund.md`).text();
const [, worked = ""] = page.split("## Worked out");
const [from, to] = /from (\S+) to (\S+)\. /.exec(worked)!.slice(1) as [string, string];
const china = refundRulesOf(
  withChanges(policyProfiles["12306"], { refund: { festival: { periods: [{ from, to }] } } }),
);
const metric = refundRulesOf(policyProfiles["demo-metric"]);
const rows = worked
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map(
    (line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()) as [string, string, string, string, string, string, string, string],
  );
/** Rules that 12306 has beside its grades. */
const ofChina = new Set(["mistake", "changedFar", "festival"]);
const byProfile = rows.flatMap(([paid, leaves, back, fare, and, kept, rule, keptByMetric]) => [
  ["12306", paid, leaves, back, fare, and, kept, rule, china] as const,
  ["demo-metric", paid, leaves, back, fare, and, keptByMetric, ofChina.has(rule) ? "grade" : rule, metric] as const,
]);

const at = (text: string): EpochMs => epochMs(Date.parse(`${text.replace(" ", "T")}:00+08:00`));
const yuan = (text: string) => fen(Math.round(Number(text) * 100));

function changedIn(and: string): ChangedTicket | null {
  const found = /^changed (\S+ \S+) from (\S+ \S+)$/.exec(and);
  return found && { changedAt: at(found[1]!), departAt: at(found[2]!) };
}

const daysAfter = (leaves: string, days: number) => addDays(serviceDate(leaves.slice(0, 10)), days);

test("the table has a row for every rule", () => {
  expect(new Set(rows.map((row) => row[6]))).toEqual(
    new Set([
      "grade",
      "mistake",
      "runCancelled",
      "coachLost",
      "changedFar",
      "festival",
      "departed",
      "changedAfterDeparture",
    ]),
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const [, , , , and] of rows)
    expect(and).toMatch(
      /^$|^changed |^from the waitlist$|^the train does not run$|^it runs without the coach$|^another order was given back by mistake today$/,
    );
});

test.each(byProfile)(
  "%s: paid %s, leaves %s, given back %s, %s yuan, %s: kept %s by %s",
  (_, paid, leaves, back, fare, and, kept, rule, rules) => {
    const terms = refundTerms(
      {
        fareFen: yuan(fare),
        departAt: at(leaves),
        boardingDate: serviceDate(leaves.slice(0, 10)),
        paidAt: at(paid),
        changed: changedIn(and),
        isCoachLost: and === "it runs without the coach" && at(back) < at(leaves),
        notRunUntil:
          and === "the train does not run" ? at(`${daysAfter(leaves, rules.suspendedDays + 1)} 00:00`) : null,
        isOfWaitlist: and === "from the waitlist",
      },
      { now: at(back), isMistakeOpen: !and.startsWith("another order") },
      rules,
    );
    if (kept === "—") return expect(terms).toEqual({ ok: false, error: rule } as never);
    expect(terms).toMatchObject({
      ok: true,
      value: { rule: rule as "grade", feeFen: yuan(kept), refundFen: yuan(fare) - yuan(kept) },
    });
  },
);

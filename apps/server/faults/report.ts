/** What was measured, as one line a fault for whoever watches, and as the table in docs/operations/faults.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { Fault, Outcome } from "./fault.ts";

export type Played = { readonly fault: Fault; readonly outcome: Outcome };

const file = join(import.meta.dir, "../../../docs/operations/faults.md");
/** The table stands between these two lines, and nothing else of the page is touched. */
const [begin, end] = ["<!-- measured -->", "<!-- /measured -->"];

const seconds = (ms: number) => (ms === Infinity ? "never" : ms === 0 ? "–" : (ms / 1_000).toFixed(1));
const answersOf = ({ answers }: Outcome) =>
  [...answers]
    .sort(([a], [b]) => String(a).localeCompare(String(b)))
    .map(([status, count]) => `${status} × ${count}`)
    .join(", ");

function invariantsOf({ fault, outcome: { wrong, damage } }: Played): string {
  if (wrong.length > 0) return `**${wrong.length} wrong**`;
  return damage.length > 0 ? `hold, but for ${fault.mayBreak} × ${damage.length}` : "hold";
}

export function lineOf(each: Played): string {
  const { fault, outcome } = each;
  const { healedAfterMs, answeredAfterMs, writtenAfterMs, slowestAnswerMs, purchases } = outcome;
  const parts = [
    `away ${seconds(healedAfterMs)} s`,
    `answered again ${seconds(answeredAfterMs)} s`,
    `rows again ${seconds(writtenAfterMs)} s`,
    `slowest answer ${seconds(slowestAnswerMs)} s`,
    `answers ${answersOf(outcome)}`,
    `${purchases} purchases in all`,
    `invariants: ${invariantsOf(each)}`,
  ];
  return `${fault.name}: ${parts.join("; ")}`;
}

export function tableOf(played: readonly Played[], seed: number, date: string): string {
  const rows = played.map((each) => {
    const { fault, outcome } = each;
    const { healedAfterMs, answeredAfterMs, writtenAfterMs, slowestAnswerMs } = outcome;
    const measured = [healedAfterMs, answeredAfterMs, writtenAfterMs, slowestAnswerMs].map(seconds);
    return `| ${[fault.name, fault.noticed, ...measured, answersOf(outcome), invariantsOf(each)].join(" | ")} |`;
  });
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"})`;
  return [
    `Measured on ${date} on ${machine}, seed ${seed}; load average ${loadavg()[0]!.toFixed(0)} at the end.`,
    "",
    "| struck | people notice | away, s | answered again after, s | rows again after, s | slowest answer, s | answers of the probe | invariants |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

export function writeTable(table: string): void {
  const page = readFileSync(file, "utf8");
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${file} has no lines ${begin} and ${end}`);
  writeFileSync(file, `${before}${begin}\n\n${table}\n\n${end}${after}`);
}

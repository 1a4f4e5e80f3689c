/** What was measured, as one line a fault for the operator who watches, and as the table in docs/operations/faults.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { Fault, Outcome } from "./fault.ts";

export type Played = { readonly fault: Fault; readonly outcome: Outcome };

/** The page in both languages; what was measured reads the same in both. */
const files = ["faults.md", "zh/faults.md"].map((name) => join(import.meta.dir, "../../../docs/operations", name));
/** The table stands between these two lines, and nothing else of the page is touched. */
const [begin, end] = ["<!-- measured -->", "<!-- /measured -->"];

const seconds = (ms: number) => (ms === Infinity ? "never" : ms === 0 ? "–" : (ms / 1_000).toFixed(1));
const answersOf = ({ answers }: Outcome) =>
  [...answers]
    .sort(([a], [b]) => String(a).localeCompare(String(b)))
    .map(([status, count]) => `${status} × ${count}`)
    .join(", ");

const invariantsOf = ({ wrong }: Outcome): string => (wrong.length > 0 ? `**${wrong.length} wrong**` : "hold");

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
    `invariants: ${invariantsOf(outcome)}`,
  ];
  return `${fault.name}: ${parts.join("; ")}`;
}

export function tableOf(played: readonly Played[], seed: number, date: string): string {
  const rows = played.map((each) => {
    const { fault, outcome } = each;
    const { healedAfterMs, answeredAfterMs, writtenAfterMs, slowestAnswerMs } = outcome;
    const measured = [healedAfterMs, answeredAfterMs, writtenAfterMs, slowestAnswerMs].map(seconds);
    return `| ${[fault.name, fault.noticed, ...measured, answersOf(outcome), invariantsOf(outcome)].join(" | ")} |`;
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
  for (const file of files) writeTableInto(file, table);
}

function writeTableInto(file: string, table: string): void {
  const page = readFileSync(file, "utf8");
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${file} has no lines ${begin} and ${end}`);
  writeFileSync(file, `${before}${begin}\n\n${table}\n\n${end}${after}`);
}

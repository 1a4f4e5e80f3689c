/**
 * `npm run bench`: measures every case, or those named, prints a table and writes `bench/results/CASE.json`. Nothing here is a
 * test: figures on a shared machine are read as ratios to a reference measured in the same round.
 *
 *   npm run bench                     everything (about ten minutes)
 *   npm run bench -- engine order     some of it
 *   npm run bench -- order --rounds=5 --seconds=10
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run as engine } from "./engine.ts";
import { hasWrk } from "./lib/load.ts";
import { type BenchSettings, type CaseResult, circumstances } from "./lib/rounds.ts";
import { run as opening } from "./opening.ts";
import { run as order } from "./order.ts";
import { run as query } from "./query.ts";
import { run as recovery } from "./recovery.ts";

type HttpCase = (settings: BenchSettings) => Promise<CaseResult[]>;

const overHttp: Readonly<Record<string, HttpCase>> = { query, order, opening, recovery };
const names = ["engine", ...Object.keys(overHttp)];
const results = join(import.meta.dir, "results");

const flags = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const unknown = wanted.find((name) => !names.includes(name));
const numberOf = (flag: string, byDefault: number) =>
  Number(flags.find((each) => each.startsWith(`--${flag}=`))?.split("=")[1] ?? byDefault);
const settings: BenchSettings = {
  rounds: numberOf("rounds", 3),
  seconds: numberOf("seconds", 6),
  connections: 64,
  say: (line) => console.log(`  ${line}`),
};

if (unknown !== undefined) {
  console.error(`There is no case "${unknown}". There are: ${names.join(", ")}.`);
  process.exit(2);
}
mkdirSync(results, { recursive: true });
for (const name of wanted.length > 0 ? wanted : names) {
  console.log(`\n■ ${name}`);
  if (name === "engine") {
    measureEngine();
  } else if (hasWrk()) {
    for (const result of await overHttp[name]!(settings)) keep(result);
  } else {
    console.error("  The load comes from wrk, which is not installed: apt-get install wrk, or brew install wrk.");
    process.exitCode = 1;
  }
}
console.log(`\nWritten to ${results}`);

function measureEngine() {
  const rows = engine();
  for (const { name, value, unit, note } of rows) {
    console.log(`  ${name.padEnd(50)} ${value.toFixed(2).padStart(9)} ${unit}${note ? `  (${note})` : ""}`);
  }
  write("engine", { case: "engine", rows });
}

function keep(result: CaseResult) {
  const { perSecond, p50Ms, p99Ms, ratio, reference, spread, more } = result;
  const percent = (share: number) => `± ${(share * 50).toFixed(0)} %`;
  console.log(`  ${"per second".padEnd(28)} ${perSecond.toFixed(1).padStart(10)}  ${percent(spread.perSecond)}`);
  console.log(`  ${"p50, p99 (ms)".padEnd(28)} ${`${p50Ms.toFixed(1)}, ${p99Ms.toFixed(1)}`.padStart(10)}`);
  console.log(
    `  ${"ratio to the reference".padEnd(28)} ${ratio.toFixed(2).padStart(10)}  ${percent(spread.ratio)} of ${reference.perSecond.toFixed(0)}/s`,
  );
  for (const [name, value] of Object.entries(more)) console.log(`  ${name.padEnd(28)} ${value.toFixed(1).padStart(10)}`);
  write(result.case, result);
}

function write(name: string, result: object) {
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify({ ...result, ...circumstances() }, null, 2)}\n`);
}

/**
 * `npm run bench` runs every case, `npm run bench -- query cold` some. A table on the screen, a file a case in bench/results: the
 * median of the rounds, how far they lie apart, and the ratio to the same process at its simplest, measured in the same round.
 * Figures are for reading; nothing here fails because a machine is slow.
 *
 *   --rounds=3 --seconds=5 --connections=64   how long, how often, how wide
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run as cluster } from "./cluster.ts";
import { hasEngines } from "./cluster/engines.ts";
import { run as cold } from "./cold.ts";
import { run as engine } from "./engine.ts";
import { run as journeys } from "./journeys.ts";
import { hasWrk } from "./lib/load.ts";
import { type BenchSettings, type CaseResult, circumstances } from "./lib/rounds.ts";
import { run as opening } from "./opening.ts";
import { run as order } from "./order.ts";
import { run as query } from "./query.ts";
import { run as queue } from "./queue.ts";
import { run as recovery } from "./recovery.ts";
import { run as served } from "./served.ts";
import { run as verdict } from "./verdict.ts";
import { run as waitlist } from "./waitlist.ts";
import { run as workers } from "./workers.ts";

/** A new case is a line here. The seat engine speaks no HTTP and prints rows of its own. */
const cases: Readonly<Record<string, (settings: BenchSettings) => Promise<CaseResult[]>>> = {
  query,
  journeys,
  cold,
  order,
  opening,
  recovery,
  workers,
  waitlist,
  verdict,
  served,
  queue,
  cluster,
};
const needEngines = new Set(["cluster"]);
const needWrk = new Set(["query", "order", "opening", "workers"]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
  },
});
const known = ["engine", ...Object.keys(cases)];
const chosen = positionals.length > 0 ? positionals : known;
const unknown = chosen.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(", ")}. Cases: ${known.join(", ")}.`);
  process.exit(2);
}
const settings: BenchSettings = {
  rounds: Math.max(3, Number(values.rounds)),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  say: (line) => console.log(`  ${line}`),
};
const results = join(import.meta.dir, "results");
mkdirSync(results, { recursive: true });

if (chosen.includes("engine")) {
  const rows = engine();
  for (const { name, value, unit, note } of rows) {
    console.log(
      `${name.padEnd(50)} ${value.toFixed(value < 1_000 ? 2 : 0).padStart(8)} ${unit}${note ? `  (${note})` : ""}`,
    );
  }
  await keep("engine", { case: "engine", rows });
}
const table: CaseResult[] = [];
for (const name of chosen.filter((each) => each !== "engine")) {
  if (needWrk.has(name) && !hasWrk()) {
    console.error(`${name} needs wrk: "apt install wrk", "brew install wrk", or https://github.com/wg/wrk. Left out.`);
    process.exitCode = 1;
    continue;
  }
  if (needEngines.has(name) && !hasEngines()) {
    console.error(`${name} needs engines: "npm run engines -- up". Left out.`);
    process.exitCode = 1;
    continue;
  }
  for (const result of await cases[name]!(settings)) {
    table.push(result);
    await keep(result.case, result);
  }
}
if (table.length > 0) {
  console.table(
    Object.fromEntries(
      table.map(({ case: name, perSecond, p50Ms, p99Ms, ratio, reference, spread }) => [
        name,
        {
          "per second": Math.round(perSecond),
          "p50 ms": round(p50Ms),
          "p99 ms": round(p99Ms),
          ratio: round(ratio),
          spread: `${Math.round(spread.ratio * 100)} %`,
          "reference/s": Math.round(reference.perSecond),
        },
      ]),
    ),
  );
  for (const { case: name, more } of table) {
    console.log(
      `${name}: ${Object.entries(more)
        .map(([key, value]) => `${key} ${round(value)}`)
        .join(", ")}`,
    );
  }
}

function keep(name: string, result: object): Promise<number> {
  return Bun.write(join(results, `${name}.json`), `${JSON.stringify({ ...result, ...circumstances() }, null, 2)}\n`);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

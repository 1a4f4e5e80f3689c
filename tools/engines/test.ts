/**
 * `npm run test:engines [paths…]`: brings the engines up, hands their addresses to every `*.engines.test.ts`, and leaves the
 * engines as it found them. Options go to `bun test`; paths are files or folders.
 *
 * Each file has a process of its own: what one leaves running, waiting for an engine that is gone, is no fault of the next. Adapters that mostly
 * wait for their engine run beside the others; files that strike engines come last, alone. What failed is said again at the end, where it is read.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { failuresIn } from "../failures.ts";
import { run, withEngines } from "./borrow.ts";
import { root } from "./settings.ts";

const folders = ["packages", "apps", "tools"];
const testLimitMs = 180_000;

const args = process.argv.slice(2);
const isPath = (arg: string) => statSync(join(root, arg), { throwIfNoEntry: false }) !== undefined;
const files = filesIn(args.some(isPath) ? args.filter(isPath) : folders);
if (files.length === 0) {
  console.error(`no *.engines.test.ts in ${args.join(" ")}`);
  process.exit(1);
}

const options = [`--timeout=${testLimitMs}`, ...args.filter((arg) => !isPath(arg))];
const failed: { readonly what: string; readonly said: string }[] = [];
let stopped = false;
try {
  await withEngines(async ({ isAskedToStop }) => {
    const runAll = async (ofLane: readonly string[], isWhole: boolean) => {
      for (const file of ofLane) {
        stopped = isAskedToStop();
        if (!stopped) await runFile(file, isWhole);
      }
    };
    const { alone = [], waiting = [], busy = [] } = Object.groupBy(files, laneOf);
    // What runs beside others is shown once it has ended, so that two are never mixed.
    const isWhole = waiting.length > 0 && busy.length > 0;
    await Promise.all([runAll(waiting, isWhole), runAll(busy, isWhole)]);
    await runAll(alone, false);
  });
} catch (error) {
  failed.push({ what: error instanceof Error ? error.message : String(error), said: "" });
}
for (const { what, said } of failed) if (said) console.error(`\n${what}:\n${failuresIn(said)}`);
for (const { what } of failed) console.error(`failed: ${what}`);
process.exit(failed.length > 0 || stopped ? 1 : 0);

async function runFile(file: string, isWhole: boolean): Promise<void> {
  let said = "";
  const code = await run([process.execPath, "test", ...options, file], {
    hear: (text) => (said += text),
    isShown: !isWhole,
  });
  if (isWhole) process.stdout.write(said);
  if (code !== 0) failed.push({ what: file, said });
}

function laneOf(file: string): "alone" | "waiting" | "busy" {
  if (/^\.\/(tools|apps\/server\/faults)\//.test(file)) return "alone";
  return /^\.\/packages\/adapters\/(?!(mysql|binlog)\/)/.test(file) ? "waiting" : "busy";
}

function filesIn(paths: readonly string[]): readonly string[] {
  const found = paths.flatMap((path) => {
    if (!statSync(join(root, path)).isDirectory()) return [path];
    const inside = new Glob("**/*.engines.test.ts").scanSync({ cwd: join(root, path) });
    return [...inside].map((file) => join(path, file)).filter((file) => !file.includes("node_modules"));
  });
  return found.sort().map((file) => (file.startsWith("/") ? file : `./${file}`));
}

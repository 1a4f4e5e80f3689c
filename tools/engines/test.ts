/**
 * `npm run test:engines [paths…]`: brings the engines up, hands their addresses to every `*.engines.test.ts`, one file
 * after the other, and leaves the engines as it found them. Options go to `bun test`; paths are files or folders.
 *
 * Each file has a process of its own: what one leaves running, waiting for an engine that is gone, is no fault of the next.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { run, withEngines } from "./borrow.ts";
import { root } from "./settings.ts";

const folders = ["packages", "apps", "tools"];
const testLimitMs = 120_000;

const args = process.argv.slice(2);
const isPath = (arg: string) => statSync(join(root, arg), { throwIfNoEntry: false }) !== undefined;
const files = filesIn(args.some(isPath) ? args.filter(isPath) : folders);
if (files.length === 0) {
  console.error(`no *.engines.test.ts in ${args.join(" ")}`);
  process.exit(1);
}

const options = [`--timeout=${testLimitMs}`, ...args.filter((arg) => !isPath(arg))];
const failed: string[] = [];
let stopped = false;
try {
  await withEngines(async ({ isAskedToStop }) => {
    for (const file of files) {
      stopped = isAskedToStop();
      if (!stopped && (await run([process.execPath, "test", ...options, file])) !== 0) failed.push(file);
    }
  });
} catch (error) {
  failed.push(error instanceof Error ? error.message : String(error));
}
for (const each of failed) console.error(`failed: ${each}`);
process.exit(failed.length > 0 || stopped ? 1 : 0);

function filesIn(paths: readonly string[]): readonly string[] {
  const found = paths.flatMap((path) => {
    if (!statSync(join(root, path)).isDirectory()) return [path];
    const inside = new Glob("**/*.engines.test.ts").scanSync({ cwd: join(root, path) });
    return [...inside].map((file) => join(path, file)).filter((file) => !file.includes("node_modules"));
  });
  return found.sort().map((file) => (file.startsWith("/") ? file : `./${file}`));
}

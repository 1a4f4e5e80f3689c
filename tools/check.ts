/**
 * `npm run check`: what a machine can say about the code without running it. One line a check with its time; what a
 * check has to say is shown only when it fails. `--fix` formats and applies the fixes that cannot change behaviour.
 */
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const fix = process.argv.includes("--fix");
const bun = process.execPath;
/** `--bun`: the tools run on the pinned Bun, whichever Node the machine has. */
const tool = (...command: string[]) => [bun, "x", "--no-install", "--bun", ...command];

/** Documents keep the line breaks and tables of their writers; only code has one form. Line width: .editorconfig. */
const formatted = "**/*.{ts,tsx,mjs,js,css}";

/** A new check is a line here: a name, a command, and the command that fixes, where there is one. */
const checks: readonly { name: string; run: string[]; fix?: string[] }[] = [
  {
    name: "format",
    run: [bun, "fmt", "--no-script", "--check", formatted],
    fix: [bun, "fmt", "--no-script", formatted],
  },
  { name: "lint", run: tool("oxlint"), fix: tool("oxlint", "--fix") },
  { name: "types", run: tool("tsc", "--noEmit") },
  { name: "dead code", run: tool("knip", "--no-progress", "--no-config-hints") },
  {
    name: "law of the repository",
    run: [
      bun,
      "test",
      "--only-failures",
      // Not the five seconds of a machine that does nothing else.
      "--timeout=60000",
      "./tools/tidy.test.ts",
      "./tools/glossary.test.ts",
      "./tools/firstGuess.test.ts",
      "./tools/translations.test.ts",
      "./tools/commandBlocks.test.ts",
      "./tools/operations.test.ts",
    ],
  },
];

let failed = 0;
for (const check of checks) {
  const startedMs = performance.now();
  const command = fix && check.fix ? check.fix : check.run;
  const child = Bun.spawn(command, { cwd: root, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(`${code === 0 ? "pass" : "FAIL"}  ${check.name} (${seconds} s)`);
  if (code === 0) continue;
  failed += 1;
  for (const line of `${stdout}\n${stderr}`.split("\n")) if (line.trim()) console.log(`      ${line}`);
}
console.log(`${checks.length - failed} passed, ${failed} failed`);
if (failed > 0 && !fix) console.log("`npm run check -- --fix` formats and applies safe fixes.");
process.exitCode = failed > 0 ? 1 : 0;

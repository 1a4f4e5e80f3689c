/** The end of a long run says what failed in it, and says it so that nothing is counted twice. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failuresIn } from "./failures.ts";

const plain = (log: string) => failuresIn(log).replaceAll(/^ {6}/gm, "");

test("a failed test is told with what it said since the result before it", () => {
  const log =
    "a.test.ts:\nsaid early\n(pass) one [1.00ms]\nerror: expected 7\n  at a.test.ts:3\n(fail) two [2.00ms]\n 1 pass\n 1 fail";
  expect(plain(log)).toBe("error: expected 7\n  at a.test.ts:3\n(fail) two [2.00ms]\n");
});

test("of a long output the last 40 lines before the result are told", () => {
  const said = Array.from({ length: 100 }, (_, n) => `line ${n}`);
  const told = plain([...said, "(fail) late [9.00ms]"].join("\n")).split("\n");
  expect(told[0]).toBe("line 60");
  expect(told.slice(40)).toEqual(["(fail) late [9.00ms]", ""]);
});

test("a test that ran out of time says so", () => {
  expect(plain("(fail) slow [101.00ms]\n  ^ this test timed out after 100ms.\n 1 fail")).toBe(
    "(fail) slow [101.00ms]\n  ^ this test timed out after 100ms.\n",
  );
});

test("a step of our own tools is told with what it says after it, up to the next one", () => {
  expect(
    plain("pass  format (1.0 s)\nFAIL  types (2.0 s)\n      a.ts(1,1): no\npass  lint (1.0 s)\n2 passed, 1 failed"),
  ).toBe("FAIL  types (2.0 s)\n      a.ts(1,1): no\n");
});

test("files that failed stand behind their tests", () => {
  expect(plain("(fail) a [1.00ms]\n 1 fail\nfailed: ./a.engines.test.ts")).toBe(
    "(fail) a [1.00ms]\n\nfailed: ./a.engines.test.ts",
  );
});

test("what names no failure is told by its last 40 lines, without the colours of a terminal", () => {
  const said = Array.from({ length: 100 }, (_, n) => `line ${n}`);
  const told = plain([...said, "\u001b[31mkilled\u001b[0m"].join("\n")).split("\n");
  expect(told).toHaveLength(40);
  expect(told.at(-1)).toBe("killed");
});

test("past twenty failures the names are told", () => {
  const log = Array.from({ length: 23 }, (_, n) => `said ${n}\n(fail) t${n} [1.00ms]`).join("\n");
  expect(plain(log)).toContain("said 19\n(fail) t19 [1.00ms]\n\nand 3 more:\n(fail) t20 [1.00ms]\n(fail) t21");
  expect(plain(log)).not.toContain("said 20");
});

/** `.ci/run` over steps of our own: it reads them from its environment only for this. */
function ciRun(steps: string): { readonly code: number; readonly lines: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-ci-"));
  try {
    const script = join(folder, "steps");
    writeFileSync(script, steps);
    const env = { ...process.env, CI_STEPS: script };
    const child = Bun.spawnSync(["bash", join(import.meta.dir, "../.ci/run")], { env, stdout: "pipe", stderr: "pipe" });
    return { code: child.exitCode, lines: child.stdout.toString().trimEnd().split("\n") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// because .ci/run is a script for bash: where a machine has none, nobody can run that script there either.
const bashTest = test.skipIf(!Bun.which("bash"));

bashTest(
  "a run of .ci/run names at its end the step and what failed in it, counts each once, and ends with the figures",
  () => {
    const { code, lines } = ciRun(
      [
        `good | printf ' 3 pass\\n 0 fail\\n'`,
        `bad | printf 'why it broke\\n(fail) a rule [1.00ms]\\n 2 pass\\n 1 fail\\n'; false`,
        `quoting | printf '      (fail) old\\n       7 pass\\n       7 fail\\n1 passed, 0 failed\\n'`,
        `silent | echo out of memory; false`,
      ].join("\n"),
    );
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("6 passed, 2 failed");
    const end = lines.slice(lines.lastIndexOf("== what failed"));
    expect(end).toContain("== bad: 1 failed");
    expect(end).toContain("      why it broke");
    expect(end).toContain("      (fail) a rule [1.00ms]");
    expect(end).toContain("== silent: 1 failed");
    expect(end).toContain("      out of memory");
    expect(end.join("\n")).not.toContain("old");
  },
);

bashTest("a run of .ci/run in which nothing failed says no more than its figures", () => {
  const { code, lines } = ciRun(`good | printf ' 3 pass\\n'`);
  expect({ code, end: lines.at(-1) }).toEqual({ code: 0, end: "3 passed, 0 failed" });
  expect(lines).not.toContain("== what failed");
});

/**
 * What failed in the output of a step, to be said again where it is read: at the end. `bun tools/failures.ts LOG` prints it for .ci/run;
 * `npm run test:engines` does the same for each file of tests.
 *
 * All of it is indented, so that nobody who counts results counts these a second time.
 */
const linesMax = 40;
const failuresMax = 20;
const indent = "      ";

/** Bun's words, and those of our own tools (tools/check.ts, tools/fresh-clone.ts, tools/engines/test.ts). */
const failedTest = /^\(fail\) |^# Unhandled error between tests/;
const failedStep = /^FAIL {2}/;
const failedFile = /^failed: /;
/** Where the output of a test begins at the latest: behind the result before it, or behind the name of its file. */
const boundary = /^\((pass|fail|skip|todo)\) |^(pass|FAIL) {2}|^\S+\.test\.tsx?:$/;

export function failuresIn(log: string): string {
  const lines = readable(log);
  const failures = lines.flatMap((line, at) => failureAt(lines, line, at));
  const files = lines.filter((line) => failedFile.test(line));
  // What said nothing that is known here has most likely said it last.
  if (failures.length === 0) return indented(lines.slice(-linesMax));
  const left = failures.slice(failuresMax).map(({ title }) => title);
  const shown = failures.slice(0, failuresMax).flatMap(({ text }) => [...text, ""]);
  const more = left.length > 0 ? [`and ${left.length} more:`, ...left, ""] : [];
  return indented([...shown, ...more, ...files]);
}

type Failure = { readonly title: string; readonly text: readonly string[] };

function failureAt(lines: readonly string[], line: string, at: number): readonly Failure[] {
  // A test says what is wrong before its result, a step after it.
  if (failedTest.test(line)) return [{ title: line, text: [...before(lines, at), line, ...reasonAfter(lines, at)] }];
  if (failedStep.test(line)) return [{ title: line, text: [line, ...after(lines, at)] }];
  return [];
}

function before(lines: readonly string[], at: number): readonly string[] {
  const from = Math.max(0, at - linesMax);
  const near = lines.slice(from, at);
  return near.slice(near.findLastIndex((line) => boundary.test(line)) + 1);
}

function after(lines: readonly string[], at: number): readonly string[] {
  const near = lines.slice(at + 1, at + 1 + linesMax);
  const end = near.findIndex((line) => boundary.test(line));
  return end === -1 ? near : near.slice(0, end);
}

/** Of a test that ran out of time Bun says so one line later. */
const reasonAfter = (lines: readonly string[], at: number) =>
  lines.slice(at + 1, at + 2).filter((line) => /^\s+\^ /.test(line));

const readable = (log: string) =>
  log
    .replaceAll(new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, "g"), "")
    .trimEnd()
    .split("\n");

const indented = (lines: readonly string[]) => lines.map((line) => `${indent}${line}`.trimEnd()).join("\n");

if (import.meta.main) console.log(failuresIn(await Bun.file(process.argv[2]!).text()));

/** The map from the design document to files and tests: no section is left out, and each says what shows it or what is missing. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path/posix";
import { readRepo } from "./repo.ts";

const path = "docs/operations/document-map.md";
const repo = await readRepo();
const rows = repo
  .get(path)!
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([section, what, files, tests, missing]) => ({
    section,
    what,
    files: linksIn(files!),
    tests: linksIn(tests!),
    missing,
  }));

function linksIn(cell: string): string[] {
  return [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => join(dirname(path), link!));
}

/** Two of them list programs, each with a row. */
const [middleware, stores] = [11, 5];
const others =
  "6.1.1 6.1.2 10.1.1 10.1.2 10.2.1 10.2.2 10.2.3 10.3.1 10.3.2 10.4 10.5.1 10.5.2 10.5.3 11.1.1 11.1.2 11.1.3 11.2.1 11.2.2 11.3.1";
const sections = [...Array<string>(middleware).fill("2.2"), ...Array<string>(stores).fill("2.3"), ...others.split(" ")];

test("each section has its row", () => {
  expect(rows.map(({ section }) => section)).toEqual(sections);
});

test("what is there names a file and a test, which are there; what is not says so", () => {
  const folders = new Set([...repo.keys()].map((file) => dirname(file)));
  for (const { what, files, tests, missing } of rows) {
    const gone = [...files, ...tests].filter((file) => !repo.has(file) && !folders.has(file));
    const noTests = tests.filter((file) => !file.endsWith(".test.ts"));
    expect({ what, gone, noTests }).toEqual({ what, gone: [], noTests: [] });
    if (files.length === 0) expect({ what, missing }).toEqual({ what, missing: expect.stringMatching(/^not there: /) });
    else expect({ what, tests: tests.length }).not.toEqual({ what, tests: 0 });
  }
});

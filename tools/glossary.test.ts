/** No word that the glossary retired is used again; and the glossary itself leads to what it explains. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path/posix";
import { glossaryPath, readGlossary, retiredWords } from "./glossary.ts";
import { readRepo } from "./repo.ts";

const repo = await readRepo();
const text = repo.get(glossaryPath)!;
const glossary = readGlossary(text);

test("no retired word is in a name, in the name of a file, in a document or in a comment", () => {
  const findings = retiredWords(repo, glossary).map(({ path, line, message }) => `${path}:${line}  ${message}`);
  expect(findings.join("\n")).toBe("");
  // Every file is parsed.
});

test("what a row of the glossary names stands in the file that it leads to", () => {
  const rows = [...text.matchAll(/\]\(([^)#]+)\) `(\w+)` \|$/gm)];
  expect(rows.length).toBeGreaterThan(15);
  const missing = rows.filter(([, to, name]) => {
    const file = repo.get(join(dirname(glossaryPath), to!));
    return file === undefined || !new RegExp(`\\b${name!}\\b`).test(file);
  });
  expect(missing.map(([row]) => row)).toEqual([]);
});

test("every term has its Chinese one beside it", () => {
  const terms = text.slice(0, text.indexOf("## Retired words")).split("\n");
  const rows = terms.filter((line) => line.startsWith("| ") && !line.startsWith("| term"));
  expect(rows.length).toBeGreaterThan(40);
  for (const row of rows) expect(row).toMatch(/^\| [a-z][^|]* \| [^|]*[\u4e00-\u9fff][^|]* \|/);
});

const sample = readGlossary(`## Retired words
| retired | as | where | instead |
|---|---|---|---|
| graveyard | text | | dead-letter store |
| seatBooks | part | | HoldsView |
| look | name | | probe |
| copies | part | packages/runtime | replicas |

### Kept
| kept | because |
|---|---|
| t_graveyard | a table |
`);
const judge = (path: string, code: string) =>
  retiredWords(new Map([[path, code]]), sample).map(({ line, message }) => `${line} ${message}`);

test.each([
  ["sim/a.ts", "let x;\nlet graveyardOf = x;", `2 "graveyard" in graveyardOf is retired: dead-letter store`],
  ["sim/a.ts", "type A = { readonly SEAT_BOOKS: 1 };", `1 "seatBooks" in SEAT_BOOKS is retired: HoldsView`],
  ["sim/a.ts", "deps.look();", `1 "look" in look is retired: probe`],
  ["sim/a.ts", "/**\n * A graveyard.\n */", `2 "graveyard" in this text is retired: dead-letter store`],
  ["docs/a.md", "# A\n\nInto the Graveyard.", `3 "graveyard" in this text is retired: dead-letter store`],
  ["sim/graveyard.test.ts", "", `1 "graveyard" in the name of this file is retired: dead-letter store`],
  ["packages/runtime/a.ts", "let copiesOf;", `1 "copies" in copiesOf is retired: replicas`],
])("%s with %p is refused, with the line and the new word", (path, code, says) => {
  expect(judge(path, code)).toEqual([says]);
});

test.each([
  ["sim/a.ts", `let lookUp = "graveyard"; let overlook;`],
  ["sim/a.ts", "let t_graveyard; let copies;"],
  ["docs/decisions/0001-a.md", "A graveyard."],
  ["docs/a.md", "[why](decisions/0001-graveyard.md) a look"],
])("%s with %p keeps the rule", (path, code) => expect(judge(path, code)).toEqual([]));

test("a glossary whose tables are broken is refused", () => {
  expect(() => readGlossary("")).toThrow(`has no "## Retired words"`);
  expect(() => readGlossary("## Retired words\n|---|\n| a | b |\n")).toThrow("has 2 cells");
  expect(() => readGlossary("## Retired words\n|---|\n| a | word | | b |\n")).toThrow(`retired as "word"`);
});

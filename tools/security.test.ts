/** docs/security.md is held against the standard's numbers, and against the repository that it speaks of. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { requirementsUpTo } from "./asvs.ts";

const root = resolve(import.meta.dir, "..");
const page = await Bun.file(join(root, "docs/security.md")).text();

type Row = {
  readonly no: string;
  readonly level: string;
  readonly what: string;
  readonly state: string;
  readonly text: string;
};

const rowsOf = (text: string): Row[] =>
  [...text.matchAll(/^\| (\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (.+?) \| (.+) \|$/gm)].map(
    ([, no, level, what, state, rest]) => ({ no: no!, level: level!, what: what!, state: state!, text: rest! }),
  );
const rows = rowsOf(page);

/** Paths of this repository, and names of tests in them, in the order in which they stand: a name is in the file before it. */
type Named = { readonly path: string; readonly test: string | null };

function namedIn(text: string): Named[] {
  let path = "";
  return [...text.matchAll(/`([\w@.-]+(?:\/[\w@.-]+)+|bun\.lock)`|“([^”]+)”/g)].map(([, file, name]) => {
    path = file ?? path;
    return { path, test: name ?? null };
  });
}

/** As it stands there: names of suites begin with the name of an adapter. */
async function isThere({ path, test: name }: Named): Promise<boolean> {
  if (!existsSync(join(root, path))) return false;
  return name === null || (await Bun.file(join(root, path)).text()).includes(name);
}

test("every requirement of levels 1 and 2 stands there once, with its level, and no other", () => {
  const expected = [...requirementsUpTo(2)].map(([no, level]) => `${no} ${level}`);
  expect(expected).toHaveLength(253);
  expect(rows.map(({ no, level }) => `${no} ${level}`)).toEqual(expected);
});

test("each is met, open or not applicable, in words of its own", () => {
  for (const { no, state, what, text } of rows) {
    expect([no, ["met", "**open**", "not applicable"].includes(state)]).toEqual([no, true]);
    expect(what.length).toBeGreaterThan(3);
    expect(text.length).toBeGreaterThan(3);
  }
});

test("what is met says where; every path and test that is named is there", async () => {
  const silent = rows.filter(
    ({ state, text }) => state === "met" && namedIn(text).length === 0 && !text.includes("](#"),
  );
  expect(silent.map(({ no }) => no)).toEqual([]);
  const missing: string[] = [];
  for (const { no, text } of rows)
    for (const named of namedIn(text))
      if (!(await isThere(named))) missing.push(`${no}: ${named.path} ${named.test ?? ""}`);
  expect(missing).toEqual([]);
});

test("the figures at its head are those of its rows", () => {
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  const [met, not, open] = ["met", "not applicable", "**open**"].map(count);
  expect(page.replaceAll(/\s+/g, " ")).toContain(
    `${met} are met, ${not} do not apply to this program, ${open} are open, and each open one says what is missing`,
  );
});

test("files of keys and secrets are never taken into the repository", async () => {
  const ignored = (await Bun.file(join(root, ".gitignore")).text()).split("\n");
  for (const line of ["keys*.json", "/data/", "deploy/hardened/secrets*/"]) expect(ignored).toContain(line);
});

test("a path, a test or a number that is not there would be found", async () => {
  expect(namedIn("`tools/asvs.ts`; `tools/security.test.ts` “a path, a test” and “nothing”")).toEqual([
    { path: "tools/asvs.ts", test: null },
    { path: "tools/security.test.ts", test: null },
    { path: "tools/security.test.ts", test: "a path, a test" },
    { path: "tools/security.test.ts", test: "nothing" },
  ]);
  expect(await isThere({ path: "tools/asvs.ts", test: "no such test" })).toBe(false);
  expect(await isThere({ path: "tools/nowhere.ts", test: null })).toBe(false);
  expect(rowsOf("| 1.1.1 | 2 | a | met | b |\n| 1.1 | x |")).toHaveLength(1);
});

/**
 * Words that are no longer used, as docs/glossary.md lists them, and where a clone still uses them: in names of the code, in names of
 * files, and some in documents and comments. tools/glossary.test.ts runs this over the whole clone.
 */
import { parseSync, visitorKeys } from "oxc-parser";
import type { Finding, Repo } from "./tidy.ts";

export type Retired = {
  readonly word: string;
  readonly as: "part" | "name" | "text";
  /** Folders or files; none: everywhere. */
  readonly where: readonly string[];
  readonly instead: string;
};
export type Glossary = { readonly retired: readonly Retired[]; readonly kept: ReadonlySet<string> };

export const glossaryPath = "docs/glossary.md";
/** They name retired words in order to refuse them. */
const speakOfThem = [glossaryPath, "tools/glossary.ts", "tools/glossary.test.ts"];
/** A decision is never rewritten. */
const isHistory = (path: string): boolean => path.startsWith("docs/decisions/");

/** @throws where a table is not there or a row is not whole */
export function readGlossary(text: string): Glossary {
  const retired = rowsOf(text, "## Retired words", 4).map(([word, as, where, instead]): Retired => {
    if (as !== "part" && as !== "name" && as !== "text") throw new Error(`"${word}" is retired as "${as}"`);
    if (!instead) throw new Error(`"${word}" has nothing instead`);
    return { word: word!, as, where: where ? where.split(", ") : [], instead };
  });
  return { retired, kept: new Set(rowsOf(text, "### Kept", 2).map(([name]) => name!)) };
}

function rowsOf(text: string, heading: string, columns: number): string[][] {
  const lines = text.slice(text.indexOf(`${heading}\n`)).split("\n");
  if (lines[0] !== heading) throw new Error(`the glossary has no "${heading}"`);
  const first = lines.findIndex((line) => line.startsWith("|---"));
  const after = lines.findIndex((line, n) => n > first && !line.startsWith("|"));
  return lines.slice(first + 1, after < 0 ? undefined : after).map((line) => {
    const cells = line.split("|").slice(1, -1);
    if (cells.length !== columns) throw new Error(`a row of "${heading}" has ${cells.length} cells: ${line}`);
    return cells.map((cell) => cell.trim());
  });
}

export function retiredWords(repo: Repo, { retired, kept }: Glossary): Finding[] {
  const findings: Finding[] = [];
  // Most names come again and again.
  const known = new Map<string, readonly Retired[]>();
  const retiredIn = (name: string): readonly Retired[] => {
    let found = known.get(name);
    if (!found) known.set(name, (found = kept.has(name) ? [] : retired.filter((each) => uses(name, each))));
    return found;
  };
  for (const [path, text] of repo) {
    if (speakOfThem.includes(path) || isHistory(path)) continue;
    const here = retired.filter(({ where }) => where.length === 0 || where.some((each) => isIn(path, each)));
    const refuse = (line: number, { word, instead }: Retired, what: string) =>
      findings.push({ path, line, message: `"${word}" in ${what} is retired: ${instead}` });
    const judgeName = (name: string, line: number, what: string) => {
      for (const each of retiredIn(name)) if (here.includes(each)) refuse(line, each, what);
    };
    judgeName(stemOf(path), 1, "the name of this file");
    for (const { name, line } of namesIn(path, text)) judgeName(name, line, name);
    for (const { line, words } of proseIn(path, text)) {
      const found = new Set(words.flatMap(retiredIn).filter((each) => each.as === "text" && here.includes(each)));
      for (const each of found) refuse(line, each, "this text");
    }
  }
  return findings;
}

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const stemOf = (path: string): string => path.split("/").at(-1)!.split(".")[0]!;

/** `seatBooks` and `SeatBooks`, `seat-books` and `SEAT_BOOKS` are one word. */
const partsOf = (name: string): string =>
  `-${name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1-$2")
    .replaceAll(/[^A-Za-z\d]+/g, "-")
    .toLowerCase()}-`;

function uses(name: string, { word, as }: Retired): boolean {
  const [parts, retired] = [partsOf(name), partsOf(word)];
  return as === "name" ? parts === retired : parts.includes(retired);
}

const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith(".d.ts");

type Name = { readonly name: string; readonly line: number };

/** Names that the code gives or uses; what stands in texts is no name. */
function namesIn(path: string, text: string): Name[] {
  if (!isCode(path)) return [];
  const { program } = parseSync(path, text);
  const lineAt = lineCounter(text);
  const names: Name[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null || !("type" in node)) return;
    const { type, name, start } = node as { type: string; name?: unknown; start: number };
    if ((type === "Identifier" || type === "JSXIdentifier") && typeof name === "string") {
      names.push({ name, line: lineAt(start) });
    }
    for (const key of visitorKeys[type] ?? []) visit((node as Record<string, unknown>)[key]);
  };
  visit(program);
  return names;
}

/** Lines of documents, and of comments in code, as words. */
function proseIn(path: string, text: string): { readonly line: number; readonly words: readonly string[] }[] {
  const wordsOf = (line: string) => line.match(/[A-Za-z_][\w-]*/g) ?? [];
  if (path.endsWith(".md")) {
    // Links to decisions keep the titles that these were given.
    const lines = text.split("\n").map((line) => line.replaceAll(/\]\([^)]*decisions\/[^)]*\)/g, "]"));
    return lines.map((line, n) => ({ line: n + 1, words: wordsOf(line) }));
  }
  if (!isCode(path)) return [];
  const lineAt = lineCounter(text);
  return parseSync(path, text).comments.flatMap(({ value, start }) =>
    value.split("\n").map((line, n) => ({ line: lineAt(start) + n, words: wordsOf(line) })),
  );
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

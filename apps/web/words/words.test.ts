/** Both languages are complete, and no text hides outside of them. */
import { expect, test } from "bun:test";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

type Entry = readonly [path: string, value: unknown];

/** Every leaf with its path. */
const entriesOf = (value: unknown, path = ""): Entry[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, each]) => entriesOf(each, path === "" ? key : `${path}.${key}`))
    : [[path, value]];

const cjk = /[\u2e80-\u9fff\uff00-\uffef]/;
/** Where each language names the other. */
const otherLanguage = new Set(["nav.language"]);
/** Said by the other parts of the sentence in one of the languages. */
const mayBeEmpty = new Set(["kinds.none", "search.fromBefore", "search.fromAfter"]);

test("every key is there in both languages, and says something", () => {
  const chinese = entriesOf(zh);
  const english = new Map(entriesOf(en));
  expect([...english.keys()].sort()).toEqual(chinese.map(([path]) => path).sort());
  for (const [path, value] of [...chinese, ...english]) {
    expect(`${path}: ${typeof value}`).toBe(`${path}: ${typeof english.get(path)}`);
    if (typeof value === "string" && !mayBeEmpty.has(path)) expect(`${path}: ${value.trim()}`).not.toBe(`${path}: `);
  }
});

test("the English words have nothing Chinese in them, and the Chinese ones are Chinese", () => {
  for (const [path, value] of entriesOf(en)) {
    if (typeof value === "string" && !otherLanguage.has(path)) expect(`${path}: ${value}`).not.toMatch(cjk);
  }
  const plain = entriesOf(zh).filter(
    ([path, value]) => typeof value === "string" && value.length > 1 && !otherLanguage.has(path),
  );
  const strange = plain.filter(([path, value]) => !cjk.test(value as string) && !mayBeEmpty.has(path));
  expect(strange).toEqual([]);
});

test("no text stands outside the words: neither Chinese in the sources nor English in the pages", async () => {
  const root = `${import.meta.dir}/..`;
  const found: string[] = [];
  for await (const path of new Bun.Glob("**/*.{ts,tsx}").scan(root)) {
    if (path.startsWith("e2e/") || path.includes(".test.") || path === "words/zh.ts") continue;
    const text = await Bun.file(`${root}/${path}`).text();
    const lines = text.split("\n");
    lines.forEach((line, n) => {
      if (cjk.test(line)) found.push(`${path}:${n + 1} ${line.trim()}`);
      // Words between tags, or in an attribute that people read.
      const bare =
        /^\s*[A-Z][a-z]+( [a-z]+)+[.…]?\s*$/.test(line) || /(?:aria-label|title|alt|placeholder)="[A-Za-z]/.test(line);
      if (path.endsWith(".tsx") && bare) found.push(`${path}:${n + 1} ${line.trim()}`);
      if (/>[^<>{}=;]*[A-Za-z]{3,}[^<>{}=;()]*<\//.test(line) && path.endsWith(".tsx") && !/=>|[?:&|]/.test(line))
        found.push(`${path}:${n + 1} ${line.trim()}`);
    });
  }
  expect(found).toEqual([]);
});

/** Looked up by a word of the trade, as `words.classes[seatClass]`. */
const lookedUp = /^(weekdays|types|classes|ticketTypes|ticketTypeRules|documents|preferences|kinds)\b/;

test("no word is left over that no page says", async () => {
  let sources = "";
  for await (const path of new Bun.Glob("**/*.{ts,tsx}").scan(`${import.meta.dir}/..`)) {
    const isSource = !path.startsWith("words/") && !path.startsWith("e2e/") && !path.includes(".test.");
    if (isSource) sources += await Bun.file(`${import.meta.dir}/../${path}`).text();
  }
  const unsaid = entriesOf(zh).filter(([path]) => {
    const group = path.split(".").slice(0, -1).join(".");
    const inGroup =
      group.includes(".") && new RegExp(`words\\.${group.replaceAll(".", "\\.")}(\\[|;|\\)|,)`).test(sources);
    return !lookedUp.test(path) && !inGroup && !new RegExp(`words\\.${path.replaceAll(".", "\\.")}\\b`).test(sources);
  });
  expect(unsaid.map(([path]) => path)).toEqual([]);
});

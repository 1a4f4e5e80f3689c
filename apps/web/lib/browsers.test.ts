/** What is sent to browsers runs on those that the site is for: Safari 16, Chrome and Edge 110, Firefox 121. */
import { beforeAll, expect, test } from "bun:test";

/** Came later, to at least one of them. */
const later: Readonly<Record<string, RegExp>> = {
  "Map.groupBy, Object.groupBy": /\b(?:Map|Object)\.groupBy\(/,
  "AbortSignal.any": /AbortSignal\.any\(/,
  "Promise.withResolvers, Promise.try": /Promise\.(?:withResolvers|try)\(/,
  "URL.canParse, URL.parse": /URL\.(?:canParse|parse)\(/,
  "Array.fromAsync": /Array\.fromAsync\(/,
  "iterator helpers":
    /\.(?:values|keys|entries)\(\)\.(?:map|filter|some|every|find|flatMap|reduce|toArray|take|drop)\(/,
  "set operations": /\.(?:intersection|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(/,
  "lookbehind in an expression": /\(\?<[=!]/,
  "RegExp.escape": /RegExp\.escape\(/,
  "well-formed text": /\.(?:is|to)WellFormed\(/,
};

/** Of these, the ones without which something could not be read or used, and those that look as if they could be relied on. */
const laterStyles: Readonly<Record<string, RegExp>> = {
  "colours mixed or made from others": /color-mix\(|light-dark\(|\bfrom var\(|(?:oklch|oklab)\(/,
  "rules in rules": /(?:^|[{};])\s*&|@scope\b|@starting-style\b/,
  "ranges of widths": /@media[^{]*[<>]/,
  "grids in grids": /\bsubgrid\b/,
  "units of the line": /\d(?:lh|rlh)\b/,
  "registered properties": /@property\b/,
  "fields as wide as their text": /field-sizing/,
  "boxes anchored to others": /anchor-name|position-anchor|popover-open/,
};

let scripts = "";
let styles = "";
beforeAll(async () => {
  const built = await Bun.build({
    entrypoints: [`${import.meta.dir}/../main.tsx`, `${import.meta.dir}/../sw.ts`],
    target: "browser",
    splitting: true,
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const texts = await Promise.all(built.outputs.map((output) => output.text()));
  scripts = texts.join("\n");
  const dressed = await Bun.build({ entrypoints: [`${import.meta.dir}/../styles/main.css`], minify: true });
  styles = await dressed.outputs[0]!.text();
});

test.each(Object.entries(later))("no script needs %s", (_, pattern) => {
  const found = pattern.exec(scripts);
  expect(found && scripts.slice(Math.max(0, found.index - 60), found.index + 60)).toBeNull();
});

test.each(Object.entries(laterStyles))("no style needs %s", (_, pattern) => {
  const found = pattern.exec(styles);
  expect(found && styles.slice(Math.max(0, found.index - 60), found.index + 60)).toBeNull();
});

test("what styles do need is asked of a browser before the site is, and one that lacks it is told which would do", async () => {
  const asked = await Bun.file(`${import.meta.dir}/../static/browser.js`).text();
  expect(styles).toContain(":has(");
  expect(asked).toContain('CSS.supports("selector(:has(a))")');
  expect(asked.match(/Safari 16, Chrome 110, Edge 110, Firefox 121/)).not.toBeNull();
});

test("the rule would find what it looks for", () => {
  expect(scripts.length).toBeGreaterThan(100_000);
  for (const text of ["Map.groupBy(a,b)", "AbortSignal.any([a])", "/(?<=a)b/", "new Map().values().map(f)"])
    expect(Object.values(later).some((pattern) => pattern.test(text))).toBe(true);
  expect(styles.length).toBeGreaterThan(10_000);
  for (const text of ["a{color:color-mix(in srgb,red,blue)}", "a{&:hover{top:0}}", "@media (width>=5px){a{top:0}}"])
    expect(Object.values(laterStyles).some((pattern) => pattern.test(text))).toBe(true);
});

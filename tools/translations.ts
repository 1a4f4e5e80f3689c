/**
 * The README and the operations pages in two languages, and whether they say the same: headings, commands, figures, links and the shape of
 * what stands between them, section by section. What a sentence says no program compares; a sentence with a figure, a name in code or a link
 * that was changed on one page alone is found.
 */
import { dirname, join } from "node:path/posix";
import { blocksOf, commandsOf, isShell } from "./commandBlocks.ts";

/** By path, as tools/repo.ts reads them. */
type Pages = ReadonlyMap<string, string>;

const operations = "docs/operations/";
const readmes = ["README.md", "README.zh-CN.md"] as const;

/** The page in the other language, or null for one that has none. */
export function translationOf(path: string): string | null {
  if (path === readmes[0]) return readmes[1];
  if (path === readmes[1]) return readmes[0];
  const [, zh, name] = /^docs\/operations\/(zh\/)?([^/]+\.md)$/.exec(path) ?? [];
  return name ? `${operations}${zh ? "" : "zh/"}${name}` : null;
}

const isChinese = (path: string) => path === readmes[1] || path.startsWith(`${operations}zh/`);
/** One name for both of a pair: the English page's. */
const pairOf = (path: string) => {
  if (`${path}/` === `${operations}zh/`) return operations.slice(0, -1);
  return isChinese(path) ? translationOf(path)! : path;
};

export function findingsIn(pages: Pages): readonly string[] {
  return [...pages.keys()].flatMap((path) => {
    const translated = translationOf(path);
    if (!translated) return [];
    if (!pages.has(translated)) return [`${path} has no ${translated}`];
    return isChinese(path) ? [] : differences(path, translated, pages);
  });
}

/** What the English page and the Chinese one do not have in common. */
function differences(path: string, translated: string, pages: Pages): readonly string[] {
  const [ours, theirs] = [sectionsOf(path, pages), sectionsOf(translated, pages)];
  const levels = (sections: readonly Section[]) => sections.map(({ level }) => "#".repeat(level)).join(" ");
  const found = [path, translated]
    .filter((each) => !linksToTranslation(each, pages))
    .map((each) => `${each} does not lead to its translation`);
  if (levels(ours) !== levels(theirs)) {
    return [...found, `${translated} has the headings ${levels(theirs)}, and not ${levels(ours)}`];
  }
  for (const [n, our] of ours.entries()) {
    for (const [what, values] of Object.entries(our.holds)) {
      const said = difference(values, theirs[n]!.holds[what]!);
      if (said) found.push(`${translated}, “${theirs[n]!.title}”: ${what} ${said}`);
    }
  }
  return found;
}

const linksToTranslation = (path: string, pages: Pages) =>
  pages
    .get(path)!
    .split("\n")
    .slice(0, 4)
    .some((line) => linksOf(line).some((to) => join(dirname(path), to) === translationOf(path)));

/** As often here as there; the order is the sentence's. */
function difference(ours: readonly string[], theirs: readonly string[]): string {
  const [missing, added] = [without(ours, theirs), without(theirs, ours)];
  const parts = [
    missing.length > 0 ? `lack ${missing.join(" ")}` : "",
    added.length > 0 ? `have ${added.join(" ")} beside the English` : "",
  ];
  return parts.filter(Boolean).join(", and ");
}

function without(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return some.filter((each) => {
    const at = left.indexOf(each);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

// What a section holds

type Section = {
  readonly level: number;
  readonly title: string;
  readonly holds: Readonly<Record<string, readonly string[]>>;
};

const heading = /^(#{1,6}) (.+)$/;
const fence = /^```[^\n`]*\n[\s\S]*?^```$/gm;

function sectionsOf(path: string, pages: Pages): readonly Section[] {
  const parts = split(pages.get(path)!);
  return parts.map((text) => {
    const [, marks = "", title = ""] = heading.exec(text.split("\n")[0]!) ?? [];
    const prose = text.replace(fence, "");
    const spoken = prose.replaceAll(/`[^`]*`/g, " ").replaceAll(/\]\([^)]*\)|<[^>]*>/g, " ");
    return {
      level: marks.length,
      title,
      holds: {
        commands: blocksOf(path, text).map(blockText),
        "names in code": [...prose.matchAll(/`[^`]*`/g)].map(([name]) => name),
        figures: figuresIn(spoken),
        links: linksOf(prose).flatMap((to) => linkText(path, to, pages)),
        "paragraphs, rows and items": shapeOf(text),
      },
    };
  });
}

/** At headings, and not at comments of a shell. */
function split(text: string): readonly string[] {
  let inside = false;
  const parts: string[][] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) inside = !inside;
    if (!inside && heading.test(line)) parts.push([line]);
    else (parts.at(-1) ?? parts[parts.push([]) - 1]!).push(line);
  }
  return parts.map((lines) => lines.join("\n"));
}

/** Comments are for the reader and in the reader's language; where one stands, one stands there, too. */
function blockText(block: ReturnType<typeof blocksOf>[number]): string {
  if (!isShell(block)) return block.text;
  const comments = block.text.split("\n").map((line) => (/(^|\s)# ./.test(line) ? "#" : "-"));
  return [...commandsOf(block), comments.join("")].join("\n");
}

/** Units in both languages; a word that is none counts as none. */
const units: Readonly<Record<string, RegExp>> = {
  ms: /^(ms|milliseconds?)\b|^毫秒/,
  µs: /^µs|^微秒/,
  s: /^(s|seconds?)\b|^秒/,
  min: /^(min|minutes?)\b|^分钟/,
  h: /^(h|hours?)\b|^小时/,
  d: /^days?\b|^天/,
  w: /^weeks?\b|^周/,
  "%": /^%/,
  KiB: /^KiB/,
  MiB: /^MiB/,
  GiB: /^GiB/,
  KB: /^KB/,
  MB: /^MB/,
  GB: /^GB/,
  bytes: /^bytes?\b|^字节/,
};
/** Chinese counts by ten thousands. */
const scales: readonly (readonly [RegExp, number])[] = [
  [/^million\b|^百万/, 1e6],
  [/^亿/, 1e8],
  [/^万/, 1e4],
];

export function figuresIn(text: string): readonly string[] {
  return [...text.matchAll(/\d+(?:[.,:-]\d+)*/g)].map(({ 0: figure, index }) => {
    const rest = text.slice(index + figure.length).trimStart();
    const scale = scales.find(([word]) => word.test(rest));
    if (scale) return String(Number(figure.replaceAll(",", "")) * scale[1]);
    const unit = Object.entries(units).find(([, word]) => word.test(rest));
    return unit ? `${figure} ${unit[0]}` : figure;
  });
}

function shapeOf(text: string): readonly string[] {
  const lines = text.replace(fence, "@").split("\n");
  const rows = lines
    .filter((line) => line.startsWith("|"))
    .map((line, n) => `row ${n + 1} of ${line.split("|").length - 2}`);
  const items = lines.filter((line) => /^(- |\d+\. )/.test(line)).map((_, n) => `item ${n + 1}`);
  const paragraphs = lines
    .join("\n")
    .split(/\n{2,}/)
    .filter((each) => each.trim())
    .map((_, n) => `paragraph ${n + 1}`);
  return [...paragraphs, ...rows, ...items];
}

// Links

const linksOf = (text: string): readonly string[] => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);

/** Where a link leads, in words that both languages share; nothing for the one to the translation. */
function linkText(path: string, to: string, pages: Pages): readonly string[] {
  if (/^https?:/.test(to)) return [to];
  const [file = "", anchor] = to.split("#");
  const target = file ? join(dirname(path), file) : path;
  if (target === translationOf(path)) return [];
  const text = pages.get(target);
  if (text === undefined && ![...pages.keys()].some((each) => each.startsWith(`${target}/`)))
    return [`${to} (nowhere)`];
  if (anchor === undefined) return [pairOf(target)];
  const at = anchorsOf(text ?? "").indexOf(anchor);
  return [at === -1 ? `${to} (nowhere)` : `${pairOf(target)}, heading ${at + 1}`];
}

/** As GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  split(text).flatMap((part) => {
    const title = heading.exec(part.split("\n")[0]!)?.[2];
    return title
      ? [
          title
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
            .replaceAll(" ", "-"),
        ]
      : [];
  });

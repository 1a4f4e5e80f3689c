/**
 * The law of the repository as functions: files in, findings out. tools/tidy.test.ts runs each over the whole clone and
 * over a small example that breaks it. The plan they read is tools/house.ts.
 */
import { dirname, join, normalize } from "node:path/posix";
import { parseSync, visitorKeys } from "oxc-parser";
import * as plan from "./house.ts";

export type Repo = ReadonlyMap<string, string>;
export type Finding = { readonly path: string; readonly line: number; readonly message: string };

type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };
type Import = { readonly from: string; readonly names: readonly string[]; readonly at: number };
type Code = { path: string; text: string; program: Node; comments: readonly Comment[]; imports: readonly Import[] };
type Comment = { readonly value: string; readonly start: number; readonly end: number };

/** Or what only tests use. */
export const isTest = (path: string): boolean => /\.(test|suite|twin|features)\.tsx?$|\/(e2e|testing)\//.test(path);
const isCode = (path: string): boolean => /\.(ts|tsx|mjs|js)$/.test(path) && !path.endsWith(".d.ts");
const isSource = (path: string): boolean => isCode(path) || /\.(css|lua|sql|sh)$/.test(path);

/** Order of reading: the import table, what is handed in, the form of files, the promises of documents. */
export const rules: Readonly<Record<string, (repo: Repo) => Finding[]>> = {
  "a folder imports only what the plan of the house allows, and through the door": importTable,
  "no two files import each other, however long the way round": importCycles,
  "time, chance, timers and sockets are handed in": handedIn,
  "a file opens with what it is for": openings,
  "a file is short enough to be read in one go": lengths,
  "what is left to do is not left in the code": leftovers,
  "a test that is skipped or runs alone says because of what": skippedTests,
  "every test is run by some command": unrunTests,
  "each invariant is named in ARCHITECTURE.md, kept in a source file and shown by a test": invariants,
  "a link in a document leads to a file": links,
  "nothing names a path or a registry of one machine": machinePaths,
};

// The import table

function importTable(repo: Repo): Finding[] {
  return codeOf(repo).flatMap((code) => {
    const home = placeOf(code.path);
    if (!home) return [];
    return code.imports.flatMap((each) => {
      const message = refuseImport(code.path, home, each);
      return message ? [finding(code, each.at, message)] : [];
    });
  });
}

type Place = { readonly unit: string; readonly cell: string };

/** The unit a file lives in and, where a unit has a door in each subfolder, the subfolder: its cell. */
function placeOf(path: string): Place | null {
  const found = Object.entries(plan.house).find(([, { at }]) => path.startsWith(`${at}/`));
  if (!found) return null;
  const [unit, { at, door }] = found;
  const rest = path.slice(at.length + 1).split("/");
  const cell = door === "subfolders" ? `${unit}/${rest.length > 1 ? rest[0] : ""}` : unit;
  return { unit, cell };
}

function refuseImport(path: string, home: Place, { from, names }: Import): string | null {
  const unit = plan.house[home.unit]!;
  if (from.startsWith(".")) return refuseRelative(path, home, unit, from);
  if (from.startsWith("@chepiao/")) return refuseOwn(path, home, unit, from);
  if (isTest(path) && Object.hasOwn(plan.testPackages, from)) return null;
  const add = `or add a line to tools/house.ts with its reason`;
  if (/^(node:|bun$|bun:)/.test(from)) {
    if (unit.builtins !== "any" && !Object.hasOwn(unit.builtins, from)) {
      return `${home.unit} does not touch "${from}": ask through a port and let an adapter do it, ${add}`;
    }
    const chance = names.find((name) => /^(random|getRandom)/.test(name) || name === "webcrypto");
    return unit.pure && chance ? `${chance} is chance: ${plan.handedIn["Math.random"]}` : null;
  }
  if (/^(\/|[a-z]+:)/.test(from)) return `"${from}" is an address: import relatively, or by package name`;
  const name = from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");
  if (unit.packages === "any" || Object.hasOwn(unit.packages, name)) return null;
  const folder = home.cell.split("/")[1] ?? "";
  if (Object.hasOwn(unit.perSubfolder?.[folder] ?? {}, name)) return null;
  const here = unit.perSubfolder ? home.cell : home.unit;
  return `${here} may not use the package "${name}": write the few lines, or put it behind a port in an adapter, ${add}`;
}

function refuseRelative(path: string, home: Place, unit: plan.Unit, from: string): string | null {
  const target = normalize(join(dirname(path), from));
  const there = placeOf(target) ?? placeOf(`${target}/`);
  if (!there || there.cell === home.cell) return null;
  const free = unit.imports === "any" && plan.house[there.unit]!.door === "none";
  return free ? null : `"${from}" leaves ${home.cell}: write "@chepiao/${there.cell}", its door`;
}

function refuseOwn(path: string, home: Place, unit: plan.Unit, from: string): string | null {
  const [, target = "", ...rest] = from.split("/");
  const there = plan.house[target];
  if (!there || there.door === "none") return `there is no door "@chepiao/${target}"`;
  const cell = there.door === "subfolders" ? `${target}/${rest[0] ?? ""}` : target;
  if (cell === home.cell) return `"${from}" is this folder: import relatively inside it`;
  if (isTest(path) && plan.testImports.includes(cell) && from === `@chepiao/${cell}`) return null;
  const allowed =
    unit.imports === "any" || unit.imports.includes(target) || plan.extraImports[home.cell]?.includes(target);
  if (target === home.unit) {
    const sharedBy = there.shared === "any" ? "any" : there.shared?.[rest[0] ?? ""];
    if (sharedBy !== "any" && !sharedBy?.includes(home.cell.split("/")[1] ?? "")) {
      const better =
        target === "services" ? "a room is handed a client from contracts" : "share through ports or kernel";
      return `${home.cell} may not import ${cell}: ${better}`;
    }
  } else if (!allowed) {
    const list = [...unit.imports, ...(plan.extraImports[home.cell] ?? [])].join(", ") || "nothing";
    return `${home.unit} imports ${list}, not ${target}: hand it in through deps, or move what is shared further down`;
  }
  const door = `@chepiao/${cell}`;
  if (from === door && !door.endsWith("/")) return null;
  // What puts the platform together opens rooms by their declarations.
  if (unit.imports === "any" && target === "services" && from === `${door}/room.ts`) return null;
  if (isTest(path) && from.startsWith(`${door}/`) && /\.(suite|twin)\.tsx?$/.test(from)) return null;
  return door.endsWith("/")
    ? `"${from}" has no door: name the folder behind it`
    : `"${from}" goes past the door: write "${door}"`;
}

function importCycles(repo: Repo): Finding[] {
  const edges = new Map<string, string[]>();
  for (const code of codeOf(repo)) {
    edges.set(
      code.path,
      code.imports.map(({ from }) => resolve(repo, code.path, from)).filter((to) => to !== null),
    );
  }
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (path: string, way: string[]): void => {
    const from = way.indexOf(path);
    if (from >= 0) {
      const round = [...way.slice(from), path].join(" → ");
      findings.push({ path, line: 1, message: `${round}: move what both need into a file of its own` });
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return findings;
}

function resolve(repo: Repo, path: string, from: string): string | null {
  const own = from.startsWith("@chepiao/");
  if (!own && !from.startsWith(".")) return null;
  const base = own ? from.replace("@chepiao", "packages") : normalize(join(dirname(path), from));
  const tries = [base, `${base}.ts`, `${base}.tsx`, join(base, "index.ts"), join(base, "index.tsx")];
  return tries.find((each) => repo.has(each)) ?? null;
}

// What is handed in

function handedIn(repo: Repo): Finding[] {
  const pure = codeOf(repo).filter(({ path }) => !isTest(path) && plan.house[placeOf(path)?.unit ?? ""]?.pure);
  return pure.flatMap((code) => {
    const findings: Finding[] = [];
    const local = declaredNames(code);
    const refuse = (node: Node, name: string) => {
      const better = plan.handedIn[name];
      if (better) findings.push(finding(code, node.start, `${name}: ${better}`));
    };
    walk(code.program, null, (node, parent, key) => {
      if (node.type === "MemberExpression") refuse(node, memberName(node));
      if ((node.type === "NewExpression" || node.type === "CallExpression") && nameOf(node["callee"]) === "Date") {
        const empty = (node["arguments"] as unknown[]).length === 0;
        if (empty || node.type === "CallExpression") refuse(node, "new Date()");
      }
      if (node.type !== "Identifier" || local.has(String(node["name"]))) return;
      const isMember = parent?.type === "MemberExpression" && key === "property" && !parent["computed"];
      const isKey =
        /Property|MethodDefinition|Signature/.test(parent?.type ?? "") && key === "key" && !parent?.["shorthand"];
      const isType = parent?.type === "TSTypeReference" || parent?.type === "TSQualifiedName";
      if (!isMember && !isKey && !isType) refuse(node, String(node["name"]));
    });
    return findings;
  });
}

/** `Date.now` of `Date.now` and of `globalThis.Date.now`; `setTimeout` of `globalThis.setTimeout`. */
function memberName(node: Node): string {
  const property = node["computed"] ? (node["property"] as Node)["value"] : nameOf(node["property"]);
  const object = node["object"] as Node;
  const owner = object.type === "MemberExpression" ? memberName(object) : nameOf(object);
  return owner === "globalThis" || owner === "window" || owner === "self"
    ? String(property)
    : `${owner}.${String(property)}`;
}

/** Names a file binds itself: its own `fetch` is not the world's. */
function declaredNames(code: Code): Set<string> {
  const names = new Set<string>();
  walk(code.program, null, (node, parent, key) => {
    if (node.type === "ObjectPattern") {
      for (const property of node["properties"] as Node[]) names.add(nameOf(property["value"]));
    }
    if (node.type !== "Identifier") return;
    const type = parent?.type ?? "";
    const binds =
      (key === "id" && /Declarator|Declaration|FunctionExpression|ClassExpression/.test(type)) ||
      (key === "params" && type.includes("Function")) ||
      (key === "local" && type.startsWith("Import"));
    if (binds) names.add(String(node["name"]));
  });
  return names;
}

// The form of files

function openings(repo: Repo): Finding[] {
  return codeOf(repo).flatMap((code) => {
    const lines = lineCount(code.text);
    const first = code.comments[0];
    if (lines < plan.openingFreeBelowLines || (first && lineAt(code.text, first.start) <= plan.openingWithinLines))
      return [];
    return [finding(code, 0, `say what this file is for within its first ${plan.openingWithinLines} lines`)];
  });
}

function lengths(repo: Repo): Finding[] {
  return [...repo].flatMap(([path, text]) => {
    const max = isTest(path) ? plan.testLinesMax : plan.linesMax;
    const lines = lineCount(text);
    if (!isSource(path) || lines <= max) return [];
    return [{ path, line: max, message: `${lines} lines, at most ${max}: part it where a reader would pause` }];
  });
}

function leftovers(repo: Repo): Finding[] {
  return byLine(repo, (line) => {
    const word = /\b(TO)(DO)\b|\b(FIX)(ME)\b/.exec(line)?.[0];
    return word ? `${word}: do it now, or write it down where plans are kept` : null;
  });
}

function skippedTests(repo: Repo): Finding[] {
  const marks = new Set(["skip", "only", "todo", "skipIf", "todoIf", "failing"]);
  return codeOf(repo).flatMap((code) => {
    const findings: Finding[] = [];
    walk(code.program, null, (node) => {
      const mark = nameOf(node["property"]);
      if (node.type !== "MemberExpression" || !marks.has(mark) || !/^(test|it|describe)$/.test(nameOf(node["object"])))
        return;
      const line = lineAt(code.text, node.start);
      const near = code.comments.some(
        ({ value, end }) =>
          /\bbecause\b/i.test(value) && line - lineAt(code.text, end) <= 1 && line >= lineAt(code.text, end),
      );
      if (!near)
        findings.push(finding(code, node.start, `.${mark} without its reason: // because … on this line or above`));
    });
    return findings;
  });
}

/** Filled by the test from tools/run.mjs, which is plain JavaScript and so has no types to import. */
export const runner: { testRoots: readonly string[]; testIgnored: readonly string[] } = {
  testRoots: [],
  testIgnored: [],
};

function unrunTests(repo: Repo): Finding[] {
  const roots = [...runner.testRoots, ...Object.keys(plan.testsElsewhere)];
  return [...repo.keys()].flatMap((path) => {
    if (!/\.(test|spec)\.tsx?$/.test(path)) return [];
    const run = roots.some((root) => path.startsWith(`${root}/`));
    if (run || runner.testIgnored.some((glob) => new Bun.Glob(glob).match(path))) return [];
    return [
      { path, line: 1, message: "no command runs this test: move it, or add its folder to testRoots in tools/run.mjs" },
    ];
  });
}

// The promises of documents

function invariants(repo: Repo): Finding[] {
  const path = "ARCHITECTURE.md";
  const architecture = repo.get(path);
  if (architecture === undefined) return [];
  const inside = [...repo].filter(([each]) => isCode(each) && /^(packages|apps|sim)\//.test(each));
  return plan.invariants.flatMap((name) => {
    const named = new RegExp(`\\b${name}\\b`);
    const tests = inside.filter(([each, text]) => isTest(each) && named.test(text));
    const sources = inside.filter(([each, text]) => !isTest(each) && named.test(text));
    if (name in plan.invariantsToCome)
      return named.test(architecture) ? [] : [{ path, line: 1, message: `${name} is not named here` }];
    const missing = [
      named.test(architecture) ? null : "is not named here",
      sources.length > 0 ? null : "is cited in no source file: say where it is kept",
      tests.length > 0 ? null : "is cited in no test: say where it is shown",
    ];
    return missing.filter((each) => each !== null).map((each) => ({ path, line: 1, message: `${name} ${each}` }));
  });
}

function links(repo: Repo): Finding[] {
  const folders = new Set(
    [...repo.keys()].flatMap((path) => path.split("/").map((_, i, all) => all.slice(0, i).join("/"))),
  );
  const documents = new Map(
    [...repo].filter(([path]) => path.endsWith(".md")).map(([path, text]) => [path, withoutCode(text)]),
  );
  return byLine(documents, (line, path) => {
    const targets = [...line.matchAll(/\]\(<?([^)\s>]+)[^)]*\)|(?:src|href)="([^"]+)"|^\s*\[[^\]]+\]:\s+(\S+)/g)];
    for (const match of targets) {
      const link = match[1] ?? match[2] ?? match[3] ?? "";
      if (/^([a-z]+:|#|\/\/)/i.test(link)) continue;
      const bare = decodeURIComponent(link.replace(/[?#].*$/, ""));
      const target = normalize(bare.startsWith("/") ? bare.slice(1) : join(dirname(path), bare)).replace(/\/$/, "");
      if (target !== "." && !repo.has(target) && !folders.has(target)) return `"${link}" leads nowhere`;
    }
    return null;
  });
}

/** Code in a document is not a link; lines stay where they are, so that findings point at the right one. */
function withoutCode(text: string): string {
  const fences = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ""));
  return fences.replace(/`[^`\n]*`/g, "");
}

function machinePaths(repo: Repo): Finding[] {
  const path = /(?<![\w.~$}-])\/(work|root|home\/\w+|Users\/\w+)\/|\/tmp\/bt\b|\/usr\/local\/bin\/bun\b/;
  const host = /https?:\/\/[\w.-]*(registry|npmmirror|artifactory)[\w.-]*/i;
  return byLine(repo, (line) => {
    const found = (path.exec(line) ?? host.exec(line))?.[0];
    return found ? `"${found}" is true on one machine only: use a relative path, or the reader's own settings` : null;
  });
}

// Small helpers

const nameOf = (node: unknown): string => {
  const { type, name } = (node ?? {}) as { type?: string; name?: string };
  return type === "Identifier" ? (name ?? "") : "";
};

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
const lineCount = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

const finding = (code: Code, offset: number, message: string): Finding => ({
  path: code.path,
  line: lineAt(code.text, offset),
  message,
});

function byLine(repo: Repo, judge: (line: string, path: string) => string | null): Finding[] {
  return [...repo].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => {
      const message = judge(line, path);
      return message ? [{ path, line: index + 1, message }] : [];
    }),
  );
}

function walk(
  node: Node,
  parent: Node | null,
  see: (node: Node, parent: Node | null, key: string) => void,
  key = "",
): void {
  see(node, parent, key);
  for (const each of visitorKeys[node.type] ?? []) {
    const value = node[each];
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child === "object") walk(child as Node, node, see, each);
    }
  }
}

const parsed = new Map<string, Code>();

function codeOf(repo: Repo): Code[] {
  return [...repo].flatMap(([path, text]) => {
    if (!isCode(path)) return [];
    const known = parsed.get(path);
    if (known?.text === text) return [known];
    const { program, comments, module, errors } = parseSync(path, text);
    const fatal = errors.find(({ severity }) => (severity as string) === "Error");
    if (fatal) throw new Error(`${path} does not parse: ${fatal.message}`);
    const root = program as unknown as Node;
    const code = { path, text, program: root, comments, imports: importsOf(root, module) };
    parsed.set(path, code);
    return [code];
  });
}

/** All of them: types too, re-exports, `await import("…")` and `import("…").Type`. */
function importsOf(program: Node, module: ReturnType<typeof parseSync>["module"]): Import[] {
  const found: Import[] = module.staticImports.map(({ moduleRequest, entries, start }) => ({
    from: moduleRequest.value,
    names: entries.map(({ importName }) => importName.name ?? ""),
    at: start,
  }));
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest } of entries)
      if (moduleRequest) found.push({ from: moduleRequest.value, names: [], at: start });
  }
  walk(program, null, (node) => {
    const required = node.type === "CallExpression" && nameOf(node["callee"]) === "require";
    const source = required ? (node["arguments"] as unknown[])[0] : node["source"];
    if (node.type !== "ImportExpression" && node.type !== "TSImportType" && !required) return;
    const from = (source as { value?: unknown } | undefined)?.value;
    if (typeof from === "string") found.push({ from, names: [], at: node.start });
  });
  return found;
}

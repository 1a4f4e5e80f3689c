/**
 * The API for people to read: one page without script or anything from elsewhere, made from the same declarations as the OpenAPI
 * document. A room is a chapter; a route opens to its parameters, body, answers and refusals.
 */
import { refusals, type RouteSpec } from "@chepiao/contracts";
import type { TSchema } from "typebox";
import { refusalsOf } from "./common.ts";
import { docsStyle } from "./docs.style.ts";
import { openApiPath, type Routes } from "./openapi.ts";

export function docsPage(rooms: readonly Routes[]): string {
  const byRoom = Map.groupBy(
    rooms.flatMap((routes) => Object.entries(routes)),
    ([, spec]) => spec.room,
  );
  const chapters = [...byRoom].map(([room, routes]) => ({ room, routes }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>chepiao API</title>
<style>${docsStyle}</style>
</head>
<body>
<header>
<h1>chepiao API</h1>
<p>Search trains, buy, pay and give back tickets. For programs: <a href="/api/openapi.json">OpenAPI 3.1 document</a>.</p>
</header>
<div class="page">
<nav aria-label="Rooms and routes">${chapters.map(contents).join("")}<p><a href="#refusals">Refusals</a></p></nav>
<main>
${conventions}
${chapters.map(chapter).join("\n")}
${refusalChapter([...byRoom.values()].flat().map(([, spec]) => spec))}
</main>
</div>
</body>
</html>
`;
}

type Chapter = { readonly room: string; readonly routes: readonly (readonly [string, RouteSpec])[] };

const conventions = `<section id="conventions"><h2>Conventions</h2>
<dl>
<dt>Money</dt><dd>Whole fen (1/100 yuan), always integers.</dd>
<dt>Times</dt><dd>RFC 3339 with offset, e.g. <code>2026-12-01T08:05:00+08:00</code>. Days are <code>YYYY-MM-DD</code>.</dd>
<dt>Who</dt><dd><code>Authorization: Bearer …</code>, or the cookie <code>chepiao_session</code> (over TLS
<code>__Host-chepiao_session</code>) from a page of this site.</dd>
<dt>Bodies</dt><dd><code>application/json</code>, at most 64 KiB. Unknown fields and query keys are refused.</dd>
<dt>Idempotency</dt><dd>Where marked, <code>Idempotency-Key</code> (1–64 printable ASCII characters) names the request; the same key gives the first answer.</dd>
<dt>Refusals</dt><dd><a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a> problem documents. <code>code</code> is stable; <code>title</code> is Chinese or English by <code>Accept-Language</code>. A refused request has changed nothing.</dd>
<dt>Trying again</dt><dd><code>retry</code> is <code>never</code>, <code>later</code> (after <code>Retry-After</code>, where given) or <code>changed</code> (once something in the request is different).</dd>
</dl></section>`;

const idOf = (room: string, name: string): string => `${room}.${name}`;

const contents = ({ room, routes }: Chapter): string =>
  `<p><a href="#${room}">${text(room)}</a></p><ul>${routes
    .map(([name, spec]) => `<li><a href="#${idOf(room, name)}">${badge(spec.method)} ${text(name)}</a></li>`)
    .join("")}</ul>`;

const chapter = ({ room, routes }: Chapter): string =>
  `<section id="${room}"><h2>${text(room)}</h2>${routes.map(([name, spec]) => article(name, spec)).join("\n")}</section>`;

const badge = (method: string): string => `<span class="method ${method.toLowerCase()}">${method}</span>`;

function article(name: string, spec: RouteSpec): string {
  const named = { anyone: "anyone", passenger: "any account" } as Readonly<Record<string, string>>;
  const who = named[spec.who] ?? `staff with the right ${spec.who}`;
  const key = spec.idempotent ? ` <span class="tag">Idempotency-Key</span>` : "";
  return `<article id="${idOf(spec.room, name)}">
<h3>${badge(spec.method)} <code>${breakable(openApiPath(spec.path))}</code></h3>
<p>${text(spec.summary)}. <span class="tag">${text(who)}</span>${key}</p>
${part("Path", spec.params)}${part("Query", spec.query)}${bodyPart(spec.body)}
${Object.entries(spec.answers).map(answer).join("")}
<h4>Refusals</h4>
<p class="codes">${refusalsOf(spec).map(codeLink).join(" ")}</p>
</article>`;
}

const codeLink = (code: keyof typeof refusals): string =>
  `<a href="#${code}"><code>${refusals[code].http} ${code}</code></a>`;

function answer([status, spec]: readonly [string, RouteSpec["answers"][number]]): string {
  const type = spec.contentType ? ` <code>${text(spec.contentType)}</code>` : "";
  const head = `<h4>Answer <span class="status">${status}</span>${type}</h4><p>${prose(spec.description)}</p>`;
  return head + (spec.schema ? table(spec.schema) : "");
}

const part = (title: string, schema: TSchema | undefined): string =>
  schema ? `<h4>${title}</h4>${table(schema)}` : "";

const bodyPart = (body: RouteSpec["body"]): string =>
  body === "raw" ? "<h4>Body</h4><p>Bytes of any type, as their sender writes them.</p>" : part("Body", body);

// Schemas as tables: a field a row, what lies inside indented below it

type Node = {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly pattern?: string;
} & { readonly [key in "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems"]?: Bound };
type Bound = number | undefined;

type Row = { readonly name: string; readonly depth: number; readonly node: Node; readonly required: boolean };

function table(schema: TSchema & Node): string {
  const choices = (schema.anyOf ?? []).filter((branch) => objectIn(branch) !== null) as readonly (TSchema & Node)[];
  if (choices.length > 1) return choices.map(table).join("<p>or</p>");
  const rows = rowsOf(schema, 0);
  if (rows.length === 0) return `<p><code>${text(typeOf(schema))}</code></p>`;
  const body = rows.map(({ name, depth, node, required }) => {
    const optional = required ? "" : ` <span class="optional">optional</span>`;
    return `<tr><th scope="row" class="d${Math.min(depth, 5)}"><code>${text(name)}</code>${optional}</th><td>${kindOf(node)}</td><td>${prose(node.description ?? "")}</td></tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th>Field</th><th>Kind</th><th>Meaning</th></tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function rowsOf(node: Node, depth: number): Row[] {
  const object = objectIn(node);
  return Object.entries(object?.properties ?? {}).flatMap(([name, inner]) => [
    { name, depth, node: inner, required: object?.required?.includes(name) ?? false },
    ...rowsOf(inner, depth + 1),
  ]);
}

/** The object whose fields are worth rows: the node, what a list holds, or the one branch of a choice that is an object. */
function objectIn(node: Node): Node | null {
  if (node.properties) return node;
  if (node.items) return objectIn(node.items);
  const branches = (node.anyOf ?? []).filter((branch) => objectIn(branch) !== null);
  return branches.length === 1 ? objectIn(branches[0]!) : null;
}

function kindOf(node: Node): string {
  const words = node.enum ?? wordsOf(node);
  const kind = words ? words.map((word) => `<code>${text(JSON.stringify(word))}</code>`).join(" ") : text(typeOf(node));
  const bounds = boundsOf(node);
  return bounds ? `${kind} <span class="bounds">${text(bounds)}</span>` : kind;
}

const wordsOf = ({ anyOf }: Node): readonly unknown[] | null =>
  anyOf && anyOf.every((branch) => branch.const !== undefined) ? anyOf.map((branch) => branch.const) : null;

function typeOf(node: Node): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.anyOf) return node.anyOf.map(typeOf).join(" or ");
  if (node.items) return `list of ${typeOf(node.items)}`;
  if (node.format === "date") return "date";
  if (node.format === "date-time") return "instant";
  return [node.type ?? "any"].flat().join(" or ");
}

function boundsOf(node: Node): string {
  const range = (from: Bound, to: Bound, unit: string): string => {
    if (from === undefined && to === undefined) return "";
    const span = to === undefined ? `≥ ${from}` : from === undefined ? `≤ ${to}` : `${from}–${to}`;
    return `${span}${unit}`;
  };
  return [
    range(node.minimum, node.maximum, ""),
    range(node.minLength, node.maxLength, " characters"),
    range(node.minItems, node.maxItems, " items"),
    node.pattern ?? "",
  ]
    .filter(Boolean)
    .join(", ");
}

// Refusals

function refusalChapter(specs: readonly RouteSpec[]): string {
  const codes = [...new Set([...specs.flatMap(refusalsOf), "NotFound" as const, "MethodNotAllowed" as const])];
  const rows = codes
    .map((code) => ({ code, ...refusals[code] }))
    .sort((a, b) => a.http - b.http || a.code.localeCompare(b.code))
    .map(
      ({ code, http, retry, say }) =>
        `<tr id="${code}"><th scope="row"><code>${code}</code></th><td data-label="Status">${http}</td><td data-label="Retry">${retry}</td><td>${text(say.en)}<br><span lang="zh-CN">${text(say.zh)}</span></td></tr>`,
    );
  return `<section id="refusals"><h2>Refusals</h2><div class="scroll"><table><thead><tr><th>Code</th><th>Status</th><th>Retry</th><th>Title</th></tr></thead><tbody>${rows.join("")}</tbody></table></div></section>`;
}

// Text into HTML

const text = (raw: string): string =>
  raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Descriptions quote names in backticks. */
const prose = (raw: string): string => text(raw).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

/** Long paths may break after a slash. */
const breakable = (path: string): string => text(path).replaceAll("/", "/<wbr>");

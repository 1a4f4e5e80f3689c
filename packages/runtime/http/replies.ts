/** How an answer leaves: its headers, prepared once, and the problem document of every refusal. */
import { problemOf, type Refusal, refusals, type Reply } from "@chepiao/contracts";

export type Language = "zh" | "en";

/** On every answer. Pages that need more than this say so with a `Content-Security-Policy` of their own. */
export const securityHeaders = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
} as const;

/** For pages of mounted sites that bring no policy of their own. */
const pagePolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; " +
  "form-action 'self'; frame-ancestors 'none'";

/** Nobody is left to read what is said with it. */
export const clientClosedRequest = 499;

const strictTransport = "max-age=31536000; includeSubDomains";
const jsonType = "application/json";
const problemType = "application/problem+json";

const plainHeaders = new Headers({ ...securityHeaders, "cache-control": "no-store" });
const jsonHeaders = new Headers({ ...securityHeaders, "cache-control": "no-store", "content-type": jsonType });
const problemHeaders = new Headers({ ...securityHeaders, "cache-control": "no-store", "content-type": problemType });

/** One prepared `ResponseInit` a status: `new Response` only reads it. */
const jsonInits: ResponseInit[] = Array.from({ length: 600 }, (_, status) => ({ status, headers: jsonHeaders }));
const plainInits: ResponseInit[] = Array.from({ length: 600 }, (_, status) => ({ status, headers: plainHeaders }));

const notModified = 304;
/** May be kept, and is asked for each time. */
const keptByTag = "no-cache";
/** What a caller shows is a few tags; this many letters are looked at. */
const shownLengthMax = 1_000;

/** Those of replies that leave more than once. */
const taggedInits = new WeakMap<Reply, ResponseInit>();

function taggedInitOf(reply: Reply): ResponseInit {
  let init = taggedInits.get(reply);
  if (!init) {
    const headers = new Headers(reply.raw === true ? plainHeaders : jsonHeaders);
    for (const name in reply.headers) headers.set(name, reply.headers[name]!);
    headers.set("cache-control", keptByTag);
    headers.set("etag", reply.tag!);
    taggedInits.set(reply, (init = { status: reply.status, headers }));
  }
  return init;
}

/** Weakly compared (RFC 9110, 13.1.2): the same but for what does not matter. */
function isShown(shown: string | null, tag: string): boolean {
  if (shown === null) return false;
  if (shown === tag || shown === "*") return true;
  const plain = tag.replace(/^W\//, "");
  return shown
    .slice(0, shownLengthMax)
    .split(",")
    .some((each) => each.trim().replace(/^W\//, "") === plain);
}

function taggedResponse(reply: Reply, body: BodyInit | null, secure: boolean, { headers }: Request): Response {
  const init = taggedInitOf(reply);
  const isKnown = isShown(headers.get("if-none-match"), reply.tag!);
  if (!isKnown && !secure) return new Response(body, init);
  const own = new Headers(init.headers);
  if (secure) own.set("strict-transport-security", strictTransport);
  if (isKnown) own.delete("content-type");
  return new Response(isKnown ? null : body, { status: isKnown ? notModified : reply.status, headers: own });
}

/** @param request left out where no answer has a tag */
export function responseOf(reply: Reply, secure: boolean, request?: Request): Response {
  const isJson = reply.raw !== true && reply.body !== undefined;
  const body = isJson && !reply.raw ? JSON.stringify(reply.body) : ((reply.body ?? null) as BodyInit | null);
  if (reply.tag !== undefined && request) return taggedResponse(reply, body, secure, request);
  if (!reply.headers && !secure) return new Response(body, (isJson ? jsonInits : plainInits)[reply.status]);
  const headers = new Headers(isJson ? jsonHeaders : plainHeaders);
  for (const name in reply.headers) headers.set(name, reply.headers[name]!);
  if (secure) headers.set("strict-transport-security", strictTransport);
  return new Response(body, { status: reply.status, headers });
}

export function problemResponse(
  refusal: Refusal,
  { language, traceId, secure, allow }: { language: Language; traceId: string; secure: boolean; allow?: string },
): Response {
  const { http, retry } = refusals[refusal.code];
  const headers = new Headers(problemHeaders);
  headers.set("content-language", language === "zh" ? "zh-CN" : "en");
  if (http === 401) headers.set("www-authenticate", 'Bearer realm="chepiao"');
  const after = refusal.facts?.["retryAfterSeconds"];
  if (retry === "later" && typeof after === "number") headers.set("retry-after", String(Math.max(0, Math.ceil(after))));
  if (allow !== undefined) headers.set("allow", allow);
  if (secure) headers.set("strict-transport-security", strictTransport);
  return new Response(JSON.stringify(problemOf(refusal, language, traceId)), { status: http, headers });
}

/** Gives an answer that was made elsewhere the headers it lacks, in place: a file stays a file. */
export function secured(response: Response, secure: boolean): Response {
  const { headers } = response;
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (!headers.has(name)) headers.set(name, name === "content-security-policy" ? pagePolicy : value);
  }
  if (secure && !headers.has("strict-transport-security")) headers.set("strict-transport-security", strictTransport);
  return response;
}

/**
 * One request on its way: what a handler is handed. What costs something and is seldom asked for (language, trace, address) is
 * worked out when it is first read, so a `Call` is read or taken apart, never spread.
 */
import type { Call, Refusal, Role, RouteSpec, SessionView } from "@chepiao/contracts";
import { hasRight, refusal, sessionCookieOf } from "@chepiao/contracts";
import { type Language, problemResponse } from "./replies.ts";

export type ServerSeen = {
  requestIP(request: Request): { readonly address: string } | null;
  /** The gateway that passes requests on here is told with the answer whose they were. */
  readonly tellsAccount?: true;
};
export type Authenticate = (token: string) => Promise<SessionView | null> | SessionView | null;

/**
 * What is believed of how a request came: true for the proxy's `X-Forwarded-…`; `https` where all come over TLS, because the
 * site's own address says so, whatever the proxy does.
 */
export type Trust = boolean | { readonly proxy: boolean; readonly https: boolean };

const tokenLengthMax = 512;

export class Exchange implements Omit<Call<RouteSpec>, "params" | "query" | "body" | "session" | "idempotencyKey"> {
  readonly request: Request;
  readonly startedMs = performance.now();
  params: unknown = undefined;
  query: unknown = undefined;
  body: unknown = undefined;
  session: SessionView | null = null;
  /** What the caller showed, to be looked at again while an answer goes on. */
  token: string | null = null;
  idempotencyKey: string | undefined = undefined;
  readonly #server: ServerSeen;
  readonly #trustProxy: Trust;
  #language: Language | undefined;
  #traceId: string | undefined;
  #clientAddress: string | undefined;

  constructor(request: Request, server: ServerSeen, trustProxy: Trust) {
    this.request = request;
    this.#server = server;
    this.#trustProxy = trustProxy;
  }

  get language(): Language {
    return (this.#language ??= languageOf(this.request.headers.get("accept-language")));
  }
  get traceId(): string {
    return (this.#traceId ??= traceIdOf(this.request.headers.get("traceparent")));
  }
  get clientAddress(): string {
    return (this.#clientAddress ??= addressOf(this.request, this.#server, this.#trustProxy));
  }
  get tellsAccount(): boolean {
    return this.#server.tellsAccount === true;
  }
  get secure(): boolean {
    return isSecure(this.request, this.#trustProxy);
  }
}

/** Came over TLS as far as a proxy we trust, or as the site's address says. */
export const isSecure = (request: Request, trust: Trust): boolean =>
  (typeof trust === "object" && trust.https) ||
  (believesProxy(trust) && request.headers.get("x-forwarded-proto") === "https");

const believesProxy = (trust: Trust): boolean => (typeof trust === "object" ? trust.proxy : trust);

// Language

/** The first of zh and en by the caller's weights; zh where neither is named. */
export function languageOf(accepted: string | null): Language {
  if (accepted === null || accepted === "" || accepted.length > 200) return "zh";
  let best: Language = "zh";
  let bestWeight = 0;
  for (const part of accepted.split(",")) {
    const [range = "", ...settings] = part.split(";");
    const weight = weightOf(settings);
    const tag = range.trim().toLowerCase();
    const language = /^zh\b/.test(tag) || tag === "*" ? "zh" : /^en\b/.test(tag) ? "en" : null;
    if (language && weight > bestWeight) [best, bestWeight] = [language, weight];
  }
  return best;
}

function weightOf(settings: readonly string[]): number {
  const quality = settings.map((setting) => /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/.exec(setting)?.[1]).find(Boolean);
  return quality === undefined ? 1 : Number(quality);
}

// Trace

const noTrace = /^0+$/;

/** W3C trace context, where the caller sent one that is well formed. */
export function traceIdOf(traceparent: string | null): string {
  const traceId = traceparent && /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}(-|$)/.exec(traceparent)?.[1];
  return traceId && !noTrace.test(traceId) ? traceId : randomHex(16);
}

const pool = new Uint8Array(4_096);
let poolHex = "";
let used = 0;

/** Chance is drawn a page at a time: a trace and a span for each line of the log are then two slices. */
export function randomHex(byteCount: number): string {
  if (used + byteCount * 2 > poolHex.length) {
    poolHex = crypto.getRandomValues(pool).toHex();
    used = 0;
  }
  return poolHex.slice(used, (used += byteCount * 2));
}

// Address

export function addressOf(request: Request, server: ServerSeen, trust: Trust): string {
  return forwardedAddress(request, trust) ?? server.requestIP(request)?.address.replace(/^::ffff:/, "") ?? "unknown";
}

/**
 * A proxy appends the address it saw, so the last entry is the one a trusted proxy vouches for; some write the port behind it. Null where no
 * proxy is believed, or it said nothing; what it said and is no address is nobody's, and not the proxy's own.
 */
export function forwardedAddress({ headers }: Request, trust: Trust): string | null {
  const entry = believesProxy(trust) ? headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  if (!entry) return null;
  const [, v4, bracketed] = /^(?:(\d+(?:\.\d+){3})(?::\d+)?|\[([^\]]+)\](?::\d+)?)$/.exec(entry) ?? [];
  const address = v4 ?? bracketed ?? entry;
  return /^[\da-fA-F.:]{2,45}$/.test(address) ? address.replace(/^::ffff:(?=\d+\.)/i, "") : "unknown";
}

// Who is asking

/** Of an account that is logged in. */
const may = (role: Role, who: RouteSpec["who"]): boolean =>
  who === "passenger" || who === "anyone" || hasRight(role, who);

/** Finds out who asks and whether they may; waits only where `authenticate` does. */
export function admit(
  call: Exchange,
  spec: RouteSpec,
  authenticate: Authenticate,
): Refusal | null | Promise<Refusal | null> {
  if (spec.anonymous) return null;
  const open = spec.who === "anyone";
  const { headers } = call.request;
  let token = bearerOf(headers.get("authorization"));
  if (token === null) {
    token = cookieOf(headers.get("cookie"), sessionCookieOf(call.secure));
    if (token === null) return open ? null : refusal("NotLoggedIn");
    // A browser sends the cookie whichever page made it ask; a page of another site must not act in its owner's name.
    if (spec.method !== "GET" && !isSameOrigin(call.request)) return open ? null : refusal("NotAllowed");
  }
  call.token = token;
  const session = authenticate(token);
  if (session instanceof Promise) return session.then((found) => settle(call, spec, found));
  return settle(call, spec, session);
}

function settle(call: Exchange, spec: RouteSpec, session: SessionView | null): Refusal | null {
  call.session = session;
  if (spec.who === "anyone") return null;
  if (!session) return refusal("NotLoggedIn");
  return may(session.role, spec.who) ? null : refusal("NotAllowed");
}

/** For an answer that goes on for long: is the session that it was given to still there, and may its role still have it? */
export async function isStillAdmitted(call: Exchange, spec: RouteSpec, authenticate: Authenticate): Promise<boolean> {
  if (call.session === null || call.token === null) return true;
  const session = await authenticate(call.token);
  return session?.sessionId === call.session.sessionId && may(session.role, spec.who);
}

/** The token that a request shows, in whichever of the two places. */
export const tokenIn = ({ headers }: Request, secure: boolean): string | null =>
  bearerOf(headers.get("authorization")) ?? cookieOf(headers.get("cookie"), sessionCookieOf(secure));

function bearerOf(authorization: string | null): string | null {
  if (authorization === null || !/^bearer /i.test(authorization)) return null;
  const token = authorization.slice(7).trim();
  return token.length > 0 && token.length <= tokenLengthMax ? token : null;
}

/** Only the name that is ours here: over TLS another host may have planted the plain one, with a session of its own. */
function cookieOf(cookies: string | null, name: string): string | null {
  if (cookies === null || !cookies.includes(name)) return null;
  for (const pair of cookies.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) {
      const token = pair.slice(at + 1).trim();
      if (token.length > 0 && token.length <= tokenLengthMax) return token;
    }
  }
  return null;
}

/** Browsers of today say so themselves; older ones name the origin. One that says neither is not trusted with a cookie. */
function isSameOrigin({ headers }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = headers.get("origin");
  const host = headers.get("host");
  return origin !== null && host !== null && origin.replace(/^https?:\/\//, "") === host;
}

/** To somebody of whose request no more is known than its headers: in his language, under his trace. */
export const refusedTo = ({ headers }: Request, why: Refusal, secure: boolean): Response =>
  problemResponse(why, {
    language: languageOf(headers.get("accept-language")),
    traceId: traceIdOf(headers.get("traceparent")),
    secure,
  });

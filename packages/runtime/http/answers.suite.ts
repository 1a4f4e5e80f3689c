/**
 * Shows of a running server that every route answers as it declares. Two halves: `serveHttp({ strictAnswers: audit })` holds each
 * answer of a test run against its schema, and `auditAnswers` asks every route all that must be refused. It changes nothing:
 * each of its requests is one that has to be turned away.
 */
import { hasRight, Problem, type Role, roles, type RouteSpec } from "@chepiao/contracts";
import { Compile } from "typebox/compile";
import { refusalsOf } from "./common.ts";

export type AuditTarget = {
  readonly url: string;
  readonly rooms: readonly { readonly routes: Readonly<Record<string, RouteSpec>> }[];
  /** A valid token of an account with exactly that role, or null where there is none: what needs it is then left out. */
  readonly token: (role: Role) => string | null;
};

type Probe = {
  readonly what: string;
  readonly expect: string;
  readonly path?: string;
  readonly search?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly session?: Role | null;
};

/** One line for every answer that is not as declared; empty when all is well. */
export async function auditAnswers({ url, rooms, token }: AuditTarget): Promise<string[]> {
  const findings: string[] = [];
  const specs = rooms.flatMap(({ routes }) => Object.values(routes));
  findings.push(...(await auditDocument(url, specs)));
  for (const spec of specs) {
    const path = samplePath(spec);
    for (const probe of probesOf(spec)) {
      const session = probe.session === undefined ? whoMay(spec, token) : probe.session;
      if (session === undefined) continue;
      const bearer = session === null ? null : token(session);
      if (session !== null && bearer === null) continue;
      const response = await fetch(url + (probe.path ?? path) + (probe.search ?? ""), {
        method: probe.method ?? spec.method,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(spec.idempotent ? { "idempotency-key": "audit" } : {}),
          ...(takesJson(spec) ? { "content-type": "application/json" } : {}),
          ...probe.headers,
        },
        ...(probe.body === undefined ? {} : { body: probe.body }),
      });
      const wrong = await wrongProblem(response, spec, probe.expect);
      if (wrong) findings.push(`${spec.method} ${spec.path}, ${probe.what}: ${wrong}`);
    }
  }
  return findings;
}

function probesOf(spec: RouteSpec): Probe[] {
  const probes: Probe[] = [
    { what: "an unknown query key", search: "?noSuchKey=1", expect: "MalformedRequest" },
    { what: "a query of 5 KiB", search: `?noSuchKey=${"a".repeat(5_120)}`, expect: "QueryTooLong" },
    { what: "a method of no route", method: "PATCH", session: null, expect: "MethodNotAllowed" },
  ];
  if (spec.params)
    probes.push({ what: "broken percent-encoding", path: samplePath(spec, "%ff"), expect: "MalformedRequest" });
  if (spec.who !== "anyone") {
    probes.push({ what: "nobody", session: null, expect: "NotLoggedIn" });
    probes.push({
      what: "a token nobody has",
      session: null,
      headers: { authorization: "Bearer none" },
      expect: "NotLoggedIn",
    });
  }
  for (const role of roles)
    if (!may(role, spec)) probes.push({ what: `the role ${role}`, session: role, expect: "NotAllowed" });
  if (spec.idempotent) {
    probes.push({
      what: "an empty Idempotency-Key",
      headers: { "idempotency-key": "" },
      expect: "IdempotencyKeyMissing",
    });
  }
  if (spec.body) probes.push({ what: "a body over 64 KiB", body: `"${"a".repeat(70_000)}"`, expect: "BodyTooLarge" });
  if (takesJson(spec)) {
    probes.push(
      { what: "malformed JSON", body: "{", expect: "MalformedRequest" },
      { what: "an unknown field", body: '{"noSuchField":1}', expect: "MalformedRequest" },
      { what: "a body of text", headers: { "content-type": "text/plain" }, body: "{}", expect: "UnsupportedMediaType" },
    );
  }
  return probes;
}

const may = (role: Role, { who }: RouteSpec): boolean => who === "anyone" || who === "passenger" || hasRight(role, who);

/** A role that the route lets in and an account has; nobody where it lets in anybody, and undefined where no account may. */
const whoMay = (spec: RouteSpec, token: AuditTarget["token"]): Role | null | undefined =>
  spec.who === "anyone" ? null : roles.find((role) => may(role, spec) && token(role) !== null);

const takesJson = ({ body }: RouteSpec): boolean => body !== undefined && body !== "raw";

type StringSchema = { readonly type?: string; readonly pattern?: string; readonly format?: string };

/** The path with a value for each parameter that gets past its schema, so that the probe meets what it is meant to meet. */
export function samplePath(spec: RouteSpec, value?: string): string {
  const schema: { readonly properties?: Readonly<Record<string, StringSchema>> } | undefined = spec.params;
  return spec.path.replaceAll(/:([A-Za-z]\w*)/g, (_, name: string) => {
    const { type, format, pattern } = schema?.properties?.[name] ?? {};
    if (value !== undefined) return value;
    if (type === "integer") return "1";
    if (format === "date") return "2026-12-01";
    // Of orders and entries of the waitlist.
    const letter = /^\^(?:(\w)|\[(\w))/.exec(pattern ?? "");
    return letter ? `${letter[1] ?? letter[2]}${"0".repeat(17)}` : "x1";
  });
}

const problem = Compile(Problem);

async function wrongProblem(response: Response, spec: RouteSpec, expected: string): Promise<string | null> {
  const type = response.headers.get("content-type");
  if (type !== "application/problem+json") return `${response.status} with content type ${type}`;
  const body: unknown = await response.json();
  if (!problem.Check(body)) return "the problem document does not fit its schema";
  if (body.code !== expected) return `${body.code} instead of ${expected}`;
  if (body.status !== response.status) return `the document says ${body.status}, the status line ${response.status}`;
  if (JSON.stringify(body).includes("    at ")) return "a stack trace";
  if (response.status === 405) return response.headers.has("allow") ? null : "405 without Allow";
  if (response.status === 401 && !response.headers.has("www-authenticate")) return "401 without WWW-Authenticate";
  return (refusalsOf(spec) as readonly string[]).includes(body.code) ? null : `${body.code} is not declared`;
}

async function auditDocument(url: string, specs: readonly RouteSpec[]): Promise<string[]> {
  const response = await fetch(`${url}/api/openapi.json`);
  const { paths } = (await response.json()) as { paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  return specs
    .filter(({ path, method }) => !paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()])
    .map(({ path, method }) => `${method} ${path} is not in the OpenAPI document`);
}

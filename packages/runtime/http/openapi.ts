/** The OpenAPI 3.1 document, made from the declarations that also validate: it cannot say anything else than what is done. */
import * as contracts from "@chepiao/contracts";
import {
  anyType,
  Problem,
  problemOf,
  refusal,
  type RefusalCode,
  refusals,
  type RouteSpec,
  sessionCookieOf,
} from "@chepiao/contracts";
import { idempotencyKeyLengthMax } from "@chepiao/kernel";
import type { TSchema } from "typebox";
import { refusalsOf } from "./common.ts";

type Json = { readonly [key: string]: unknown };
export type Routes = Readonly<Record<string, RouteSpec>>;

export function openApiDocument(rooms: readonly Routes[]): Json {
  const names = schemaNames();
  const used = new Map<string, unknown>();
  const refer = (schema: TSchema): unknown => referenced(plain(schema), names, used);
  refer(Problem);
  const routes = rooms.flatMap((room) => Object.entries(room));
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, spec] of routes) {
    (paths[openApiPath(spec.path)] ??= {})[spec.method.toLowerCase()] = operation(name, spec, refer);
  }
  const codes = new Set(routes.flatMap(([, spec]) => refusalsOf(spec)));
  return {
    openapi: "3.1.1",
    info: {
      title: "chepiao",
      version: "1",
      summary: "Train ticketing: search, buy, pay, give back.",
      description:
        "Money is whole fen (1/100 yuan). Instants carry their offset. Every refusal is an RFC 9457 problem document whose " +
        "`code` is stable; its `title` is Chinese or English by `Accept-Language`. A refused request has changed nothing.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(([, { room }]) => room))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...used].sort(([a], [b]) => a.localeCompare(b))),
      examples: Object.fromEntries([...codes].sort().map((code) => [code, exampleOf(code)])),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The token that logging in answers with." },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: sessionCookieOf(false),
          description: `Set by logging in; for browsers. Over TLS its name is \`${sessionCookieOf(true)}\`.`,
        },
      },
    },
  };
}

export const openApiPath = (path: string): string => path.replaceAll(/:([A-Za-z]\w*)/g, "{$1}");

function operation(name: string, spec: RouteSpec, refer: (schema: TSchema) => unknown): Json {
  const parameters = [
    ...parametersIn("path", spec.params, refer),
    ...parametersIn("query", spec.query, refer),
    ...(spec.idempotent ? [idempotencyKey] : []),
    ...(spec.tagged ? [ifNoneMatch] : []),
  ];
  return {
    operationId: `${spec.room}.${name}`,
    summary: spec.summary,
    tags: [spec.room],
    ...(spec.who === "anyone"
      ? { security: [] }
      : {
          security: [{ bearer: [] }, { cookie: [] }],
          ...(spec.who === "passenger"
            ? { description: "For any account." }
            : { description: `For staff with the right \`${spec.who}\`.`, "x-right": spec.who }),
        }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(spec.body ? { requestBody: { required: true, content: bodyContent(spec.body, refer) } } : {}),
    responses: joined({ ...answersOf(spec, refer), ...(spec.tagged ? notModified : {}) }, refusalResponses(spec)),
  };
}

/** Bytes have no schema: a media type says what they are, and there the sender chooses it. */
const bodyContent = (body: TSchema | "raw", refer: (schema: TSchema) => unknown): Json =>
  body === "raw" ? { [anyType]: {} } : { "application/json": { schema: refer(body) } };

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "The caller's own name for this request. Sending it again with the same key gives the first answer.",
  schema: { type: "string", minLength: 1, maxLength: idempotencyKeyLengthMax, pattern: "^[\\x20-\\x7e]+$" },
};

const ifNoneMatch = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "The `ETag` of an answer that the caller has.",
  schema: { type: "string" },
};

const notModified: Responses = { "304": { description: "As the answer whose `ETag` was sent; it has no body." } };

type ObjectSchema = { readonly properties?: Readonly<Record<string, TSchema>>; readonly required?: readonly string[] };

function parametersIn(
  place: "path" | "query",
  schema: TSchema | undefined,
  refer: (schema: TSchema) => unknown,
): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, inner]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: refer(inner),
  }));
}

type Response = Json & { readonly description: string; readonly content?: Json };
type Responses = Readonly<Record<string, Response>>;

function answersOf(spec: RouteSpec, refer: (schema: TSchema) => unknown): Responses {
  return Object.fromEntries(
    Object.entries(spec.answers).map(([status, { description, schema, contentType }]) => {
      const type = contentType ?? (schema ? "application/json" : null);
      const content = type ? { [type]: { schema: schema ? refer(schema) : { type: "string" } } } : null;
      return [status, { description, ...(content ? { content } : {}) }];
    }),
  );
}

/** A status can be an answer of the route's own and that of a refusal: it is described as both. */
function joined(answers: Responses, refused: Responses): Responses {
  const both = Object.keys(answers).filter((status) => Object.hasOwn(refused, status));
  const described = both.map((status): [string, Response] => {
    const [own, other] = [answers[status]!, refused[status]!];
    const content = { ...own.content, ...other.content };
    return [status, { ...own, ...other, description: `${own.description}\n\n${other.description}`, content }];
  });
  return { ...answers, ...refused, ...Object.fromEntries(described) };
}

function refusalResponses(spec: RouteSpec): Responses {
  const byStatus = Map.groupBy(refusalsOf(spec), (code) => refusals[code].http);
  const header = (description: string, schema: Json) => ({ description, schema });
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\` ${refusals[code].say.en} ${refusals[code].say.zh}`).join("\n\n"),
        ...(status === 401 ? { headers: { "WWW-Authenticate": header("How to log in.", { type: "string" }) } } : {}),
        ...(codes.some((code) => refusals[code].retry === "later")
          ? { headers: { "Retry-After": header("Seconds to wait, where known.", { type: "integer" }) } }
          : {}),
        content: {
          "application/problem+json": {
            schema: { $ref: "#/components/schemas/Problem" },
            examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}

const exampleOf = (code: RefusalCode): Json => ({
  summary: `${refusals[code].say.en} ${refusals[code].say.zh}`,
  value: problemOf(refusal(code), "en", "4bf92f3577b34da6a3ce929d0e0e4736"),
});

// Schemas

/** JSON text of each exported schema → the name it is exported by: what is written once in contracts is written once here. */
function schemaNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(contracts)) {
    if (typeof value !== "object" || value === null || !/^[A-Z]/.test(name)) continue;
    const schema = plain(value) as Json;
    const isSchema = schema["type"] !== undefined || schema["anyOf"] !== undefined || schema["enum"] !== undefined;
    const text = JSON.stringify(schema);
    if (isSchema && !names.has(text)) names.set(text, name);
  }
  return names;
}

/** The schema as JSON, with a choice among words written as `enum` and TypeBox's `$id` left out. */
function plain(schema: unknown): unknown {
  const tidy = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(tidy);
    if (typeof node !== "object" || node === null) return node;
    const { anyOf, $id: _, ...rest } = node as Json;
    const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, tidy(value)]));
    if (!Array.isArray(anyOf)) return copy;
    const words = anyOf.map((branch: Json) => branch["const"]);
    if (words.every((word) => typeof word === "string")) return { ...copy, type: "string", enum: words };
    return { ...copy, anyOf: anyOf.map(tidy) };
  };
  return tidy(JSON.parse(JSON.stringify(schema)));
}

/** Puts a reference wherever a named schema stands, and remembers that schema among the components. */
function referenced(node: unknown, names: ReadonlyMap<string, string>, used: Map<string, unknown>): unknown {
  if (Array.isArray(node)) return node.map((item) => referenced(item, names, used));
  if (typeof node !== "object" || node === null) return node;
  const name = names.get(JSON.stringify(node));
  if (name === undefined) return inner(node, names, used);
  if (!used.has(name)) {
    used.set(name, null);
    used.set(name, inner(node, names, used));
  }
  return { $ref: `#/components/schemas/${name}` };
}

const inner = (node: object, names: ReadonlyMap<string, string>, used: Map<string, unknown>): unknown =>
  Object.fromEntries(Object.entries(node).map(([key, value]) => [key, referenced(value, names, used)]));

/** Reading a request against its route's declaration: path, query, key, body. The first thing wrong is the answer. */
import { type FieldError, type Refusal, refusal, type RouteSpec } from "@chepiao/contracts";
import { bodyBytesMax, idempotencyKeyLengthMax, queryBytesMax } from "@chepiao/kernel";
import type { TSchema } from "typebox";
import Type from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { readBytes, readText } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { escapePointer, explain, texts } from "./explain.ts";
import { jsonFaultAt, placeOf } from "./json.ts";

type Where = "path" | "query" | "header" | "body";
const malformed = (where: Where, fields: readonly FieldError[]): Refusal =>
  refusal("MalformedRequest", { in: where }, fields);

export type Reader = {
  /** Path, query and headers. */
  readonly head: (call: Exchange, pathParams: Readonly<Record<string, string>>) => Refusal | null;
  /** Null for methods that have no body. */
  readonly body: BodyReader | null;
};

/** Text for routes that take JSON, bytes for those that take what is raw; null where it is too long. */
type Taken = string | Uint8Array<ArrayBuffer> | null;

/** In two steps, so that the one wait of a request with a body is the caller's own. */
export type BodyReader = {
  readonly take: (call: Exchange) => Promise<Taken> | null;
  readonly accept: (call: Exchange, taken: Taken) => Refusal | null;
};

/** Prepares everything that does not depend on the request, once a route. */
export function createReader(spec: RouteSpec): Reader {
  const readParams = spec.params ? createParamsReader(spec.params) : null;
  const readQuery = createQueryReader(spec.query);
  const readHead = (call: Exchange, pathParams: Readonly<Record<string, string>>): Refusal | null => {
    if (spec.idempotent) {
      const key = call.request.headers.get("idempotency-key");
      if (key === null || !isIdempotencyKey(key)) return refusal("IdempotencyKeyMissing");
      call.idempotencyKey = key;
    }
    return readQuery(call) ?? (readParams ? readParams(call, pathParams) : null);
  };
  return { head: readHead, body: spec.method === "GET" ? null : bodyReaderOf(spec.body) };
}

const isIdempotencyKey = (key: string): boolean => key.length <= idempotencyKeyLengthMax && /^[\x20-\x7e]+$/.test(key);

// Text into values

type Convert = ((text: string) => unknown) | null;

const integerText = /^-?\d{1,16}$/;
const numberText = /^-?\d{1,16}(\.\d{1,16})?$/;

/** Paths and queries are text; numbers and flags become what they say, anything else is left for the validator to refuse. */
function convertFor(schema: TSchema & { readonly type?: unknown }): Convert {
  switch (schema.type) {
    case "integer":
      return (text) => (integerText.test(text) ? Number(text) : text);
    case "number":
      return (text) => (numberText.test(text) ? Number(text) : text);
    case "boolean":
      return (text) => (text === "true" ? true : text === "false" ? false : text);
    default:
      return null;
  }
}

const propertiesOf = (schema: TSchema): Readonly<Record<string, TSchema>> =>
  (schema as { readonly properties?: Readonly<Record<string, TSchema>> }).properties ?? {};

const convertsOf = (schema: TSchema): ReadonlyMap<string, Convert> =>
  new Map(Object.entries(propertiesOf(schema)).map(([name, inner]) => [name, convertFor(inner)]));

// Path

function createParamsReader(schema: TSchema) {
  const validator = Compile(schema);
  const converts = [...convertsOf(schema)];
  return (call: Exchange, pathParams: Readonly<Record<string, string>>): Refusal | null => {
    const params: Record<string, unknown> = {};
    for (const [name, convert] of converts) {
      const text = pathParams[name] ?? "";
      // The router puts U+FFFD where the encoding is broken; only then is it worth looking at the raw path.
      if (text.includes("\uFFFD") && decoded(pathOf(call.request.url)) === null) {
        return malformed("path", [{ path: `/${name}`, message: texts.encoding[call.language] }]);
      }
      params[name] = convert ? convert(text) : text;
    }
    if (!validator.Check(params)) return malformed("path", explain(validator, params, call.language));
    call.params = params;
    return null;
  };
}

const pathOf = (url: string): string => url.slice(url.indexOf("/", 8)).split("?", 1)[0]!;

function decoded(text: string): string | null {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

// Query

function createQueryReader(schema: TSchema | undefined) {
  const declared = schema ?? Type.Object({});
  const validator = Compile(declared);
  const converts = convertsOf(declared);
  return (call: Exchange): Refusal | null => {
    const { url } = call.request;
    const mark = url.indexOf("?", 8);
    if (mark < 0 && !schema) return null;
    const text = mark < 0 ? "" : url.slice(mark + 1);
    if (text.length > queryBytesMax) return refusal("QueryTooLong");
    const query: Record<string, unknown> = {};
    const fields: FieldError[] = [];
    for (const pair of text === "" ? [] : text.split("&")) {
      const at = pair.indexOf("=");
      const name = decoded((at < 0 ? pair : pair.slice(0, at)).replaceAll("+", " "));
      const value = at < 0 ? "" : decoded(pair.slice(at + 1).replaceAll("+", " "));
      if (name === null || value === null) {
        fields.push({ path: name === null ? "" : `/${escapePointer(name)}`, message: texts.encoding[call.language] });
        continue;
      }
      const convert = converts.get(name);
      const wrong = convert === undefined ? texts.unknown : Object.hasOwn(query, name) ? texts.twice : null;
      if (wrong) fields.push({ path: `/${escapePointer(name.slice(0, 64))}`, message: wrong[call.language] });
      else query[name] = convert ? convert(value) : value;
    }
    if (fields.length > 0) return malformed("query", fields.slice(0, 20));
    if (!validator.Check(query)) return malformed("query", explain(validator, query, call.language));
    if (schema) call.query = query;
    return null;
  };
}

// Body

const bodyReaderOf = (body: RouteSpec["body"]): BodyReader => (body === "raw" ? rawReader : createJsonReader(body));

/** Whatever its type: only who knows the sender's language can tell what it means. */
const rawReader: BodyReader = {
  take: bodyBytes,
  accept(call, bytes) {
    if (bytes === null) return refusal("BodyTooLarge");
    call.body = bytes;
    return null;
  },
};

const nothing = Compile(Type.Object({}, { additionalProperties: false }));

function createJsonReader(schema: TSchema | undefined): BodyReader {
  const validator: Validator = schema ? Compile(schema) : nothing;
  const accept = (call: Exchange, text: Taken): Refusal | null => {
    if (typeof text !== "string") return refusal("BodyTooLarge");
    if (!schema && text === "") return null;
    const type = call.request.headers.get("content-type");
    if (type !== "application/json" && !isJsonType(type)) return refusal("UnsupportedMediaType");
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      const place = placeOf(text, jsonFaultAt(text));
      return malformed("body", [{ path: "", message: texts.notJson[call.language](place) }]);
    }
    if (!validator.Check(body)) {
      const fields = schema
        ? explain(validator, body, call.language)
        : [{ path: "", message: texts.noBody[call.language] }];
      return malformed("body", fields);
    }
    if (schema) call.body = body;
    return null;
  };
  return { take: ({ request }) => readText(request, bodyBytesMax), accept };
}

function bodyBytes({ request }: Exchange): Promise<Uint8Array<ArrayBuffer> | null> | null {
  return readBytes(request, bodyBytesMax);
}

const isJsonType = (type: string | null): boolean =>
  type !== null && /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type);

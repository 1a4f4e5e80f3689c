/** The platform's own description, read as a stranger would: which requests there are, and which answers it has promised to each. */
import { closed } from "@chepiao/runtime";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import type { Answer } from "./answer.ts";

export type Schema = { readonly [key: string]: unknown };

export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
};

export type Operation = {
  /** `order.submit` */
  readonly id: string;
  readonly method: string;
  /** With `{name}` for what varies. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Null where it takes none, `raw` where any bytes may come. */
  readonly body: Schema | "raw" | null;
  readonly needsLogin: boolean;
  /** True where such a body may be accepted; what it says no to must never be. */
  readonly mayAccept: (body: unknown) => boolean;
  /** What is wrong with an answer, or null. */
  readonly fault: (answer: Answer, toHead: boolean) => string | null;
};

export type ApiDocument = {
  readonly operations: readonly Operation[];
  /** Whether a body fits the shape of every refusal. */
  readonly isProblem: (body: unknown) => boolean;
};

type Node = { readonly [key: string]: any };

export function readDocument(document: Node): ApiDocument {
  const plain = (schema: unknown) => inlined(schema, document) as Schema;
  const problem = Compile(closed(plain(document["components"].schemas.Problem)) as TSchema);
  const operations = Object.entries(document["paths"] as Node).flatMap(([path, methods]) =>
    Object.entries(methods as Node).map(([method, spec]) => operationOf(method.toUpperCase(), path, spec, plain)),
  );
  return { operations, isProblem: (body) => problem.Check(body) };
}

function operationOf(method: string, path: string, spec: Node, plain: (schema: unknown) => Schema): Operation {
  const content = spec["requestBody"]?.content as Node | undefined;
  const json = content?.["application/json"]?.schema;
  const body = json ? plain(json) : content ? "raw" : null;
  const validator = body === null || body === "raw" ? null : Compile(body as TSchema);
  return {
    id: spec["operationId"],
    method,
    path,
    parameters: ((spec["parameters"] ?? []) as Parameter[]).map((each) => ({ ...each, schema: plain(each.schema) })),
    body,
    needsLogin: (spec["security"] as unknown[]).length > 0,
    mayAccept: validator ? (value) => validator.Check(value) : () => true,
    fault: faultsBy(spec["responses"], plain),
  };
}

function faultsBy(responses: Node, plain: (schema: unknown) => Schema): Operation["fault"] {
  const declared = new Map<number, ReadonlyMap<string, Validator | null>>();
  for (const [status, { content = {} }] of Object.entries(responses)) {
    const types = Object.entries(content as Node).map(([type, { schema }]): [string, Validator | null] => {
      const isJson = /[/+]json$/.test(type) && schema;
      return [type, isJson ? Compile(closed(plain(schema)) as TSchema) : null];
    });
    declared.set(Number(status), new Map(types));
  }
  return ({ status, headers, body, goesOn }, toHead) => {
    const types = declared.get(status);
    if (!types) return `status ${status} is not declared`;
    if (toHead || status === 304) return null;
    const type = headers.get("content-type")?.split(";")[0];
    if (types.size === 0) return body.length === 0 ? null : `a body with status ${status}, which declares none`;
    if (type === undefined) return `no content type with status ${status}`;
    const validator = types.get(type) ?? (types.has("*/*") ? null : undefined);
    if (validator === undefined && !types.has(type))
      return `content type ${type} with status ${status} is not declared`;
    if (!validator || goesOn) return null;
    const read = readJson(body);
    if (read === undefined) return `status ${status}: the body is not JSON`;
    if (validator.Check(read)) return null;
    const wrong = validator.Errors(read).slice(0, 3);
    return `status ${status}: ${wrong.map((each) => `${each.instancePath || "/"} ${each.message}`).join("; ")}`;
  };
}

/** Undefined where it is none. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** References are followed and put in place: none of them leads back to itself. */
function inlined(node: unknown, document: Node): unknown {
  if (Array.isArray(node)) return node.map((each) => inlined(each, document));
  if (typeof node !== "object" || node === null) return node;
  const reference = (node as Node)["$ref"] as string | undefined;
  if (reference !== undefined) {
    const parts = reference.slice(2).split("/");
    return inlined(
      parts.reduce((at: Node, part) => at[part], document),
      document,
    );
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inlined(value, document)]));
}

/**
 * Holds every answer against its declaration, in tests: status, body and refusal. What a schema does not name must not be sent
 * either, so a field that slips out of a row is caught here. Remembers what it has seen, so that a suite can show that every
 * route was answered.
 */
import { anyType, type Refusal, Problem, problemOf, type Reply, type RouteSpec } from "@chepiao/contracts";
import type { Result } from "@chepiao/kernel";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { refusalsOf } from "./common.ts";

export class AnswerMismatch extends Error {
  override readonly name = "AnswerMismatch";
}

export type AnswerAudit = {
  /** Throws an `AnswerMismatch` where the answer is not one that the route declares. */
  check(name: string, spec: RouteSpec, answer: Result<Reply, Refusal>): void;
  /** Every mismatch so far. */
  readonly mismatches: readonly string[];
  /** Declared successful answers and own refusals that have not been given yet, as `order.submit 202`, `order.submit SoldOut`. */
  unseen(rooms: readonly { readonly routes: Readonly<Record<string, RouteSpec>> }[]): {
    answers: string[];
    refusals: string[];
  };
};

export function createAnswerAudit(): AnswerAudit {
  const mismatches: string[] = [];
  const seen = new Set<string>();
  const validators = new Map<TSchema, Validator>();
  const validatorOf = (schema: TSchema): Validator => {
    const known = validators.get(schema) ?? Compile(closed(schema) as TSchema);
    validators.set(schema, known);
    return known;
  };
  return {
    mismatches,
    check(name, spec, answer) {
      const wrong = answer.ok
        ? wrongReply(spec, answer.value, validatorOf)
        : wrongRefusal(spec, answer.error, validatorOf);
      seen.add(`${spec.room}.${name} ${answer.ok ? answer.value.status : answer.error.code}`);
      if (wrong === null) return;
      const message = `${spec.method} ${spec.path}: ${wrong}`;
      mismatches.push(message);
      throw new AnswerMismatch(message);
    },
    unseen(rooms) {
      const missing = (keysOf: (spec: RouteSpec) => readonly (string | number)[]) =>
        rooms.flatMap(({ routes }) =>
          Object.entries(routes)
            .flatMap(([name, spec]) => keysOf(spec).map((key) => `${spec.room}.${name} ${key}`))
            .filter((key) => !seen.has(key)),
        );
      return { answers: missing((spec) => Object.keys(spec.answers)), refusals: missing((spec) => spec.refusals) };
    },
  };
}

type ValidatorOf = (schema: TSchema) => Validator;

function wrongReply(spec: RouteSpec, reply: Reply, validatorOf: ValidatorOf): string | null {
  const declared = spec.answers[reply.status];
  if (!declared) return `status ${reply.status} is not declared (${Object.keys(spec.answers).join(", ")})`;
  if (reply.raw === "json") {
    const json = typeof reply.body === "string" ? reply.body : new TextDecoder().decode(reply.body as Uint8Array);
    const body: unknown = JSON.parse(json);
    return declared.schema ? wrongBody(declared.schema, body, validatorOf) : "a body, where none is declared";
  }
  if (declared.contentType !== undefined || reply.raw) {
    const sent = new Headers(reply.headers).get("content-type")?.split(";")[0] ?? "none";
    const expected = declared.contentType ?? (declared.schema ? "application/json" : "none");
    return sent === expected || (expected === anyType && sent !== "none")
      ? null
      : `content type ${sent} instead of ${expected}`;
  }
  if (!declared.schema)
    return reply.body === undefined ? null : `a body with status ${reply.status}, which declares none`;
  return wrongBody(declared.schema, reply.body, validatorOf);
}

function wrongRefusal(spec: RouteSpec, refusal: Refusal, validatorOf: ValidatorOf): string | null {
  if (!refusalsOf(spec).includes(refusal.code)) return `refusal ${refusal.code} is not declared`;
  return wrongBody(Problem, problemOf(refusal, "en"), validatorOf);
}

/** Checks what the caller will read: the value after it went through JSON. */
function wrongBody(schema: TSchema, body: unknown, validatorOf: ValidatorOf): string | null {
  if (body === undefined) return "no body, where one is declared";
  const sent: unknown = JSON.parse(JSON.stringify(body));
  const validator = validatorOf(schema);
  if (validator.Check(sent)) return null;
  const errors = validator.Errors(sent).filter(({ keyword }) => keyword !== "additionalProperties");
  return (
    errors.map(({ instancePath, message }) => `${instancePath || "/"} ${message}`).join("; ") ||
    "does not fit its schema"
  );
}

/** The same schema, in which an object has no fields but those it names. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    copy[key] = key === "const" || key === "enum" || key === "allOf" || key === "required" ? value : closed(value);
  }
  const isObject = copy["type"] === "object" && copy["properties"] !== undefined;
  if (isObject && copy["additionalProperties"] === undefined) copy["additionalProperties"] = false;
  return copy;
}

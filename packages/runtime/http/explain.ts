/**
 * What is wrong with a request, in words: from a validator's errors to one message a field, Chinese or English. A message never
 * repeats what was sent.
 */
import type { FieldError } from "@chepiao/contracts";
import type { TSchema } from "typebox";
import { Settings } from "typebox/system";
import type { Validator } from "typebox/compile";
import type { Language } from "./replies.ts";

// A choice among twenty words is twenty errors before the one that sums them up.
Settings.Set({ maxErrors: 64 });
const fieldsMax = 20;
const pathLengthMax = 200;

type Found = ReturnType<Validator["Errors"]>[number];
type Node = {
  readonly [key: string]: unknown;
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
  readonly properties?: object;
};

export function explain(validator: Validator, value: unknown, language: Language): FieldError[] {
  const schema = validator.Type() as TSchema & Node;
  const found = validator.Errors(value);
  const choices = found.filter(({ keyword }) => keyword === "anyOf").map(({ schemaPath }) => schemaPath);
  const fields = found.flatMap((error) => {
    // What lies inside a choice is told by the choice, except in the branch that must have been meant.
    const inside = choices.filter((path) => error.schemaPath.startsWith(`${path}/anyOf/`));
    const isMeant = (choice: string) => {
      const branch = meantBranch(choice, schema, value);
      return branch !== null && `${error.schemaPath}/`.startsWith(`${choice}/anyOf/${branch}/`);
    };
    if (!inside.every(isMeant)) return [];
    if (error.keyword === "anyOf" && meantBranch(error.schemaPath, schema, value) !== null) return [];
    return tell(error, schema, language);
  });
  const unique = new Map(fields.map((field) => [`${field.path} ${field.message}`, field]));
  return [...unique.values()].slice(0, fieldsMax);
}

/** The one branch beside null; of a request that may be one of several objects, the first that has most of its fields. */
function meantBranch(schemaPath: string, schema: Node, request: unknown): number | null {
  const branches = nodeAt(schema, schemaPath)?.anyOf ?? [];
  const real = branches.flatMap((branch, i) => (branch["type"] === "null" ? [] : [i]));
  if (branches.length === 2 && real.length === 1) return real[0]!;
  if (schemaPath !== "#" || typeof request !== "object" || request === null || Array.isArray(request)) return null;
  const known = branches.map(
    ({ properties = {} }) => Object.keys(request).filter((name) => Object.hasOwn(properties, name)).length,
  );
  return known.indexOf(Math.max(...known));
}

function tell(error: Found, schema: Node, language: Language): FieldError[] {
  const node = nodeAt(schema, error.schemaPath);
  const at = (path: string, message: string) => [{ path: path.slice(0, pathLengthMax), message }];
  switch (error.keyword) {
    case "required":
      return error.params.requiredProperties.flatMap((name) =>
        at(`${error.instancePath}/${escapePointer(name)}`, texts.required[language]),
      );
    case "boolean":
      return at(error.instancePath, texts.unknown[language]);
    // Said field by field under "boolean".
    case "additionalProperties":
      return [];
    case "anyOf": {
      const words = (node?.anyOf ?? []).map((branch) => branch.const);
      const closed = words.length > 0 && words.every((word) => word !== undefined);
      return at(
        error.instancePath,
        closed ? texts.oneOf[language](words.map(String).join(", ")) : texts.form[language],
      );
    }
    case "const":
      return at(error.instancePath, texts.oneOf[language](String(error.params.allowedValue)));
    case "enum":
      return at(error.instancePath, texts.oneOf[language](error.params.allowedValues.map(String).join(", ")));
    case "type":
      return at(error.instancePath, typeText([error.params.type].flat(), language));
    case "format":
      return at(error.instancePath, error.params.format === "date" ? texts.date[language] : texts.form[language]);
    case "pattern": {
      const hint = language === "en" && typeof node?.["description"] === "string" ? ` ${node["description"]}` : "";
      return at(error.instancePath, texts.form[language] + hint);
    }
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
      return at(error.instancePath, texts[error.keyword][language](error.params.limit));
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return at(error.instancePath, texts[error.keyword][language](String(error.params.limit)));
    case "uniqueItems":
      return at(error.instancePath, texts.twice[language]);
    case "~refine":
      return at(error.instancePath, error.params.message);
    default:
      return at(error.instancePath, texts.form[language]);
  }
}

export const texts = {
  required: { zh: "缺少该字段。", en: "is missing." },
  unknown: { zh: "没有该字段。", en: "is not a known field." },
  twice: { zh: "不能重复。", en: "is given more than once." },
  form: { zh: "格式不正确。", en: "has the wrong form." },
  date: { zh: "应为存在的日期，格式 YYYY-MM-DD。", en: "must be a day that exists, as YYYY-MM-DD." },
  encoding: { zh: "百分号编码不正确。", en: "is not valid percent-encoding." },
  noBody: { zh: "该地址不接受请求体。", en: "This address takes no body." },
  notJson: {
    zh: (at: string) => `不是有效的 JSON（${at}）。`,
    en: (at: string) => `is not valid JSON (${at}).`,
  },
  oneOf: { zh: (words: string) => `应为以下之一：${words}。`, en: (words: string) => `must be one of: ${words}.` },
  minLength: { zh: (n: number) => `至少 ${n} 个字符。`, en: (n: number) => `must have at least ${n} characters.` },
  maxLength: { zh: (n: number) => `最多 ${n} 个字符。`, en: (n: number) => `must have at most ${n} characters.` },
  minItems: { zh: (n: number) => `至少 ${n} 项。`, en: (n: number) => `must have at least ${n} items.` },
  maxItems: { zh: (n: number) => `最多 ${n} 项。`, en: (n: number) => `must have at most ${n} items.` },
  minimum: { zh: (n: string) => `不得小于 ${n}。`, en: (n: string) => `must be at least ${n}.` },
  maximum: { zh: (n: string) => `不得大于 ${n}。`, en: (n: string) => `must be at most ${n}.` },
  exclusiveMinimum: { zh: (n: string) => `应大于 ${n}。`, en: (n: string) => `must be more than ${n}.` },
  exclusiveMaximum: { zh: (n: string) => `应小于 ${n}。`, en: (n: string) => `must be less than ${n}.` },
} as const;

const typeNames: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  string: { zh: "文本", en: "text" },
  integer: { zh: "整数", en: "a whole number" },
  number: { zh: "数字", en: "a number" },
  boolean: { zh: "true 或 false", en: "true or false" },
  object: { zh: "对象", en: "an object" },
  array: { zh: "数组", en: "a list" },
  null: { zh: "null", en: "null" },
};

function typeText(types: readonly string[], language: Language): string {
  const names = types.map((type) => typeNames[type]?.[language] ?? type);
  return language === "zh" ? `应为${names.join("或")}。` : `must be ${names.join(" or ")}.`;
}

export const escapePointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** `#/properties/seatClass` → that part of the schema. */
function nodeAt(schema: Node, schemaPath: string): Node | null {
  let node: unknown = schema;
  for (const step of schemaPath.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    node = typeof node === "object" && node !== null ? (node as Node)[name] : undefined;
  }
  return typeof node === "object" && node !== null ? (node as Node) : null;
}

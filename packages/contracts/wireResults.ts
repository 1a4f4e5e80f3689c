/** How an answer travels between processes that may be a refusal. */
import Type, { type TSchema } from "typebox";
import { as } from "./calls.ts";
import { type FieldError, type RefusalCode, refusals } from "./refusals.ts";

export const WireRefusal = Type.Object({
  code: as<RefusalCode>(Type.Union(Object.keys(refusals).map((code) => Type.Literal(code)))),
  facts: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  ),
  fields: Type.Optional(
    as<readonly FieldError[]>(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  ),
});

export const resultOf = <T extends TSchema>(value: T) =>
  Type.Union([
    Type.Object({ ok: Type.Literal(true), value }),
    Type.Object({ ok: Type.Literal(false), error: WireRefusal }),
  ]);

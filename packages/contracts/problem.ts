/** RFC 9457 problem documents: the one shape in which every refusal leaves the platform. */
import Type, { type Static } from "typebox";
import { type Refusal, refusals } from "./refusals.ts";

export const Problem = Type.Object(
  {
    type: Type.String({ description: "`urn:chepiao:problem:` and the code." }),
    title: Type.String({ description: "For people, in the language asked for." }),
    status: Type.Integer(),
    code: Type.String({ description: "Stable; programs decide by this." }),
    retry: Type.Union([Type.Literal("never"), Type.Literal("later"), Type.Literal("changed")]),
    facts: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
    ),
    fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
    traceId: Type.Optional(Type.String()),
  },
  { $id: "Problem" },
);
export type Problem = Static<typeof Problem>;

export function problemOf(refusal: Refusal, language: "zh" | "en", traceId?: string): Problem {
  const { http, retry, say } = refusals[refusal.code];
  return {
    type: `urn:chepiao:problem:${refusal.code}`,
    title: say[language],
    status: http,
    code: refusal.code,
    retry,
    ...(refusal.facts ? { facts: { ...refusal.facts } } : {}),
    ...(refusal.fields ? { fields: refusal.fields.map((field) => ({ ...field })) } : {}),
    ...(traceId ? { traceId } : {}),
  };
}

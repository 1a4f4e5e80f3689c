/**
 * How a room's client travels between processes. Each method is declared once, as data: what is asked and answered, how several
 * questions share one call, what happens where the other side does not know the run. From that the remote client and the answering
 * side are made (`runtime/bus`); nobody writes either by hand.
 */
import Type, { type Static, type TSchema } from "typebox";
import type { Timetable } from "./clients.ts";
import { ServiceUnavailable } from "./unavailable.ts";

export type CallSpec = {
  readonly path: `/internal/${string}`;
  /** The role that answers. */
  readonly room: string;
  readonly ask: TSchema;
  readonly answer: TSchema;
  /** Asking a second time changes nothing: only then is a call tried again that was not answered. */
  readonly idempotent: boolean;
  /** How long one try may take. */
  readonly timeoutMs: number;
};
export type AskOf<C extends CallSpec> = Static<C["ask"]>;
export type AnswerTo<C extends CallSpec> = Static<C["answer"]>;

/** What the answering side knows besides the question. */
export type AnsweringContext = { readonly timetable: () => Timetable };

/** A method whose calls carry many questions: those of several callers go together. */
export type ListMethod = CallSpec & {
  readonly kind: "list";
  /** The fields in which questions and answers lie; null where the answer is only that it is done. */
  readonly asksIn: string;
  readonly answersIn: string | null;
  /** In which field the same is asked by roles of a version before; null where none of them asks otherwise. */
  readonly askedBeforeIn: string | null;
  /** What is answered where the role is of a version before, and does not know the question; left out where that is an error. */
  readonly ofOlderRole?: unknown;
  /** Beside the answers: what they do not say by themselves, for the few of which there is more to say. Null where there never is. */
  readonly notes: {
    readonly in: string;
    readonly of: (answers: readonly unknown[]) => {
      readonly answers: readonly unknown[];
      readonly notes: readonly unknown[];
    };
    readonly join: (answers: readonly unknown[], notes: readonly unknown[]) => readonly unknown[];
  } | null;
  /** Questions in one call. */
  readonly sizeMax: number;
  /** Decided in the order given: never joined with those of others, one call after the other. */
  readonly inTurn: boolean;
  /** Kept by the caller: an answer that is not null for so long, and so much longer while nobody can be asked. */
  readonly keep: { readonly max: number; readonly freshMs: number; readonly whileAwayMs: number } | null;
  /** The questions that one call of the method means, as they travel. */
  readonly questions: (args: readonly unknown[]) => readonly unknown[];
  readonly result: (answers: readonly unknown[]) => unknown;
  /** Null where the question cannot be understood here: then `unknown` is the answer. */
  readonly understand: (question: unknown, context: AnsweringContext) => unknown;
  readonly unknown: unknown;
  /** An answer may be that somebody is away, of a method that only says that it is done: it is thrown to who asked that question, and nobody else. */
  readonly serve: (client: never, questions: readonly never[]) => Promise<readonly unknown[] | void>;
};

/** Questions to which nobody could be found, by their place. Who is of a version before does not know of them, and hears that all is done. */
export const awayField = "away";
export type AwayAnswer = { readonly place: number; readonly retryAfterSeconds: number };
const AwayAnswers = Type.Optional(
  Type.Array(Type.Object({ place: Type.Integer({ minimum: 0 }), retryAfterSeconds: Type.Integer({ minimum: 0 }) })),
);

/** A method that asks one thing. */
export type PlainMethod = CallSpec & {
  readonly kind: "plain";
  readonly question: (...args: never[]) => unknown;
  readonly result: (answer: never) => unknown;
  readonly serve: (client: never, ask: never, context: AnsweringContext) => Promise<unknown>;
};

export type RemoteMethod = ListMethod | PlainMethod;

/** A room's client as others are handed it. `Client` is its type, for those who ask; at run time it is only named. */
export type ClientSpec<Client> = {
  readonly room: string;
  readonly methods: Readonly<Record<string, RemoteMethod>>;
  /** The method that tells which runs have changed; `changes` of a remote client is made from it. */
  readonly changesBy?: string;
  readonly client?: Client;
};
export type ClientOf<S> = S extends ClientSpec<infer Client> ? Client : never;

export const clientSpec = <Client extends object>(spec: {
  readonly room: string;
  readonly methods: { readonly [Name in Extract<keyof Client, string>]?: RemoteMethod };
  readonly changesBy?: Extract<keyof Client, string>;
}): ClientSpec<Client> => spec as ClientSpec<Client>;

/** The type of our own for a shape whose schema cannot know it. */
export const as = <T>(schema: TSchema) => Type.Unsafe<T>(schema);
export const listOf = <T extends TSchema>(items: T, options = {}) =>
  as<readonly Static<T>[]>(Type.Array(items, options));

type Declared = Pick<CallSpec, "path" | "room" | "timeoutMs">;

type Notes<Answer extends TSchema, Note extends TSchema, Full> = {
  readonly in: string;
  readonly note: Note;
  readonly of: (answers: readonly Full[]) => {
    readonly answers: readonly Static<Answer>[];
    readonly notes: readonly Static<Note>[];
  };
  readonly join: (answers: readonly Static<Answer>[], notes: readonly Static<Note>[]) => readonly Full[];
};

type ListDeclaration<
  Client,
  Args extends unknown[],
  Wire extends TSchema,
  Answer extends TSchema,
  Question,
  Note extends TSchema,
  Full,
> = Declared & {
  readonly asks: Readonly<Record<string, Wire>>;
  readonly answers: Readonly<Record<string, Answer>> | null;
  /** How a version before asks it: with whatever else, it says all that is asked now. */
  readonly askedBefore?: Readonly<Record<string, TSchema>>;
  readonly ofOlderRole?: Full;
  /** Where an answer as it travels is not all that there may be to say. */
  readonly notes?: Notes<Answer, Note, Full>;
  readonly sizeMax: number;
  readonly inTurn?: true;
  readonly keep?: NonNullable<ListMethod["keep"]>;
  readonly questions: (...args: Args) => readonly Static<Wire>[];
  readonly result: (answers: readonly Full[]) => unknown;
  readonly understand?: (question: Static<Wire>, context: AnsweringContext) => Question | null;
  readonly unknown?: Full;
  readonly serve: (
    client: Client,
    questions: readonly Question[],
  ) => Promise<readonly (Full | ServiceUnavailable)[] | void>;
};

/** `asks` and `answers` name one field each, with the schema of one question and of one answer. Always idempotent. */
export function listMethod<
  Client,
  Args extends unknown[],
  Wire extends TSchema,
  Answer extends TSchema,
  Note extends TSchema,
  Question = Static<Wire>,
  Full = Static<Answer>,
>(declared: ListDeclaration<Client, Args, Wire, Answer, Question, Note, Full>): ListMethod {
  const { path, room, timeoutMs, sizeMax, notes } = declared;
  const [asksIn, question] = Object.entries(declared.asks)[0]!;
  const [answersIn, answer] = declared.answers ? Object.entries(declared.answers)[0]! : [null, null];
  const [askedBeforeIn = null, before = question] = Object.entries(declared.askedBefore ?? {})[0] ?? [];
  const ask = Type.Object({ [asksIn]: Type.Array(question) });
  const notesField = notes ? { [notes.in]: Type.Optional(Type.Array(notes.note)) } : {};
  return {
    kind: "list",
    path,
    room,
    timeoutMs,
    idempotent: true,
    ask: askedBeforeIn === null ? ask : Type.Union([ask, Type.Object({ [askedBeforeIn]: Type.Array(before) })]),
    answer:
      answersIn === null
        ? Type.Object({ [awayField]: AwayAnswers })
        : Type.Object({ [answersIn]: Type.Array(answer), ...notesField }),
    asksIn,
    answersIn,
    askedBeforeIn,
    ...("ofOlderRole" in declared && { ofOlderRole: declared.ofOlderRole }),
    notes: (notes ?? null) as ListMethod["notes"],
    sizeMax,
    inTurn: declared.inTurn ?? false,
    keep: declared.keep ?? null,
    questions: (args) => declared.questions(...(args as Args)),
    result: declared.result as ListMethod["result"],
    understand: (declared.understand ?? ((asked: unknown) => asked)) as ListMethod["understand"],
    unknown: declared.unknown ?? null,
    serve: declared.serve,
  };
}

type PlainDeclaration<Client, Args extends unknown[], Ask extends TSchema, Answer extends TSchema> = Declared & {
  readonly ask: Ask;
  readonly answer: Answer;
  readonly question: (...args: Args) => Static<Ask>;
  readonly result: (answer: Static<Answer>) => unknown;
  readonly serve: (client: Client, ask: Static<Ask>, context: AnsweringContext) => Promise<Static<Answer>>;
};

/** Always idempotent, as every call between rooms is: who is not sure that it was heard asks again. */
export const plainMethod = <Client, Args extends unknown[], Ask extends TSchema, Answer extends TSchema>(
  declared: PlainDeclaration<Client, Args, Ask, Answer>,
): PlainMethod => ({ kind: "plain", idempotent: true, ...declared }) as unknown as PlainMethod;

/** Who is away, of those that are waited for: each fails alone. Throws whatever else went wrong. */
export async function eachOrAway(all: readonly Promise<void>[]): Promise<(ServiceUnavailable | null)[]> {
  const settled = await Promise.allSettled(all);
  return settled.map((each) => {
    if (each.status === "fulfilled") return null;
    if (each.reason instanceof ServiceUnavailable) return each.reason;
    throw each.reason;
  });
}

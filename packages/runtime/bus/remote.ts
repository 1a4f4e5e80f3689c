/**
 * The client of a room in another process, and the other end of it, both made from the declaration (`contracts/calls.ts`). A remote
 * client promises what the room itself promises; what is asked one by one travels in lists.
 */
import {
  type AnsweringContext,
  type AwayAnswer,
  awayField,
  type ClientSpec,
  type ListMethod,
  type PlainMethod,
  type RemoteMethod,
  ServiceUnavailable,
} from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import { LRUCache } from "lru-cache";
import type { Answering } from "./answer.ts";
import { type Caller, NotUnderstood } from "./caller.ts";
import { createGatherer } from "./gather.ts";
import { createRunWatch } from "./runWatch.ts";

export type RemoteDeps = { readonly caller: Caller; readonly clock: Clock };

type Method = (...args: readonly unknown[]) => unknown;

/** Disposing ends what the client does by itself. */
export function createRemoteClient<Client extends object>(
  spec: ClientSpec<Client>,
  deps: RemoteDeps,
): Client & Disposable {
  const client: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(spec.methods)) client[name] = remoteMethod(method, deps);
  const watch =
    spec.changesBy === undefined
      ? null
      : createRunWatch({
          clock: deps.clock,
          since: client[spec.changesBy] as Parameters<typeof createRunWatch>[0]["since"],
        });
  if (watch) client["changes"] = watch.changes;
  return Object.assign(client, { [Symbol.dispose]: () => watch?.[Symbol.dispose]() }) as Client & Disposable;
}

function remoteMethod(method: RemoteMethod, deps: RemoteDeps): Method {
  if (method.kind === "plain") return plain(method, deps);
  const ask = method.inTurn ? inTurn(method, deps) : gathered(method, deps);
  return method.keep ? kept(ask, method.keep, deps.clock) : ask;
}

const plain =
  (method: PlainMethod, { caller }: RemoteDeps): Method =>
  async (...args) =>
    method.result((await caller.ask(method, method.question(...(args as never[])))) as never);

/** While roles are replaced one after the other, a newer one may ask what an older one does not know. */
async function send(method: ListMethod, deps: RemoteDeps, questions: readonly unknown[]) {
  try {
    return await sendAll(method, deps, questions);
  } catch (error) {
    if (error instanceof NotUnderstood && "ofOlderRole" in method) return questions.map(() => method.ofOlderRole);
    throw error;
  }
}

async function sendAll(method: ListMethod, { caller }: RemoteDeps, questions: readonly unknown[]) {
  const answer = (await caller.ask(method, { [method.asksIn]: questions })) as Record<string, unknown>;
  const answers =
    method.answersIn === null ? doneOrAway(method, questions, answer) : (answer[method.answersIn] as unknown[]);
  if (answers.length === questions.length) {
    return method.notes ? method.notes.join(answers, (answer[method.notes.in] ?? []) as unknown[]) : answers;
  }
  // An answer that left something out cannot be told apart from one for something else.
  throw new ServiceUnavailable(method.room, `it gave ${answers.length} answers to ${questions.length} questions`);
}

function doneOrAway({ room }: ListMethod, questions: readonly unknown[], answer: Record<string, unknown>): unknown[] {
  const answers: unknown[] = questions.map(() => null);
  for (const { place, retryAfterSeconds } of (answer[awayField] ?? []) as readonly AwayAnswer[])
    answers[place] = new ServiceUnavailable(room, "it cannot do this now", retryAfterSeconds);
  return answers;
}

function awayIn(answers: readonly unknown[]): { readonly [awayField]?: readonly AwayAnswer[] } {
  const away = answers.flatMap((answer, place) =>
    answer instanceof ServiceUnavailable ? [{ place, retryAfterSeconds: answer.retryAfterSeconds }] : [],
  );
  return away.length === 0 ? {} : { [awayField]: away };
}

/** What became of one's own questions: those of others are not one's own trouble. */
function ownOf(answers: readonly unknown[]): readonly unknown[] {
  for (const answer of answers) if (answer instanceof ServiceUnavailable) throw answer;
  return answers;
}

/** One call after the other: each question is decided after those before it. */
const inTurn =
  (method: ListMethod, deps: RemoteDeps): Method =>
  async (...args) => {
    const questions = method.questions(args);
    const answers: unknown[] = [];
    for (let n = 0; n < questions.length; n += method.sizeMax)
      answers.push(...(await send(method, deps, questions.slice(n, n + method.sizeMax))));
    return method.result(ownOf(answers));
  };

/** What several callers ask at the same time goes together. */
function gathered(method: ListMethod, deps: RemoteDeps): Method {
  const gather = createGatherer<readonly unknown[], readonly unknown[]>({
    sizeMax: method.sizeMax,
    sizeOf: (questions) => questions.length,
    soon: deps.clock.soon,
    async send(lists) {
      const answers = await send(method, deps, lists.flat());
      let next = 0;
      return lists.map(({ length }) => answers.slice(next, (next += length)));
    },
  });
  return async (...args) => {
    const questions = method.questions(args);
    return method.result(questions.length === 0 ? [] : ownOf(await gather(questions)));
  };
}

/** Answers at once, without a promise, where the answer is known. */
function kept(ask: Method, { max, freshMs, whileAwayMs }: NonNullable<ListMethod["keep"]>, clock: Clock): Method {
  const known = new LRUCache<string, { readonly answer: object; readonly at: number }>({ max });

  async function askAnew(args: readonly unknown[], key: string): Promise<unknown> {
    const at = clock.now();
    try {
      const answer = await ask(...args);
      if (answer === null) known.delete(key);
      else known.set(key, { answer: answer as object, at });
      return answer;
    } catch (error) {
      const entry = known.get(key);
      if (entry && at - entry.at < whileAwayMs) return entry.answer;
      throw error;
    }
  }

  return (...args) => {
    const key = String(args[0]);
    const entry = known.get(key);
    return entry && clock.now() - entry.at < freshMs ? entry.answer : askAnew(args, key);
  };
}

/** A room's client, answered to other processes. */
export function answerCalls<Client extends object>(
  spec: ClientSpec<Client>,
  client: Client,
  context: AnsweringContext,
): Answering {
  const handlers: Record<string, (ask: never) => unknown> = {};
  for (const [name, method] of Object.entries(spec.methods)) {
    handlers[name] =
      method.kind === "plain"
        ? (ask) => method.serve(client as never, ask, context)
        : (ask) => answerList(method, client, ask, context);
  }
  return { calls: spec.methods, handlers };
}

async function answerList(method: ListMethod, client: object, ask: Record<string, unknown>, context: AnsweringContext) {
  const asked = (ask[method.asksIn] ?? ask[method.askedBeforeIn ?? ""]) as readonly unknown[];
  const understood = asked.map((question) => method.understand(question, context));
  const known = understood.filter((question) => question !== null) as unknown as readonly never[];
  const answers = (await method.serve(client as never, known)) ?? [];
  let next = 0;
  const all = understood.map((question) => (question === null ? method.unknown : answers[next++]));
  if (method.answersIn === null) return awayIn(all);
  if (!method.notes) return { [method.answersIn]: all };
  const { answers: told, notes } = method.notes.of(all);
  return { [method.answersIn]: told, [method.notes.in]: notes };
}

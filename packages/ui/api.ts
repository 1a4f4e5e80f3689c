/**
 * The public API as a browser speaks it. A call is named by method and path, and its declaration in `contracts` types what goes
 * in and what comes out; nothing of the declarations themselves is shipped to the browser.
 *
 * Two ways to fail: the platform refused (it says why), or nobody could be reached.
 */
import type { AnswerNamed, GivenTo, Problem, publicRoutes, RefusalCode, RoutesByName } from "@chepiao/contracts";

type Rooms = typeof publicRoutes;
export type RouteName = keyof RoutesByName<Rooms>;
export type Answer<N extends RouteName> = AnswerNamed<Rooms, N>;
export type RequestParts<N extends RouteName> = GivenTo<Rooms, N>;

export type AskOptions = {
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
  /** Of a queue; null for none. */
  readonly pass?: string | null;
  /** Of a solved challenge; null for none. */
  readonly proof?: string | null;
  /** Show the login and wait for it when the session has ended; else a refusal. */
  readonly login?: boolean;
};

export type ApiDeps = {
  readonly language: () => "zh" | "en";
  /** Told the time at which each answer was sent. */
  readonly heard?: (date: string | null) => void;
};

export type Api = {
  ask<N extends RouteName>(name: N, parts: RequestParts<N>, options?: AskOptions): Promise<Answer<N>>;
  /** `handler` resolves once the person has logged in, and rejects when they would rather not. */
  onSessionEnded(handler: () => Promise<void>): void;
};

/** The platform said no. `problem.title` is already in the page's language. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
  get code(): RefusalCode {
    return this.problem.code as RefusalCode;
  }
}

/** No answer, or none that was understood: the network, or a platform that is starting again. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

export const isRefused = (error: unknown, ...codes: readonly RefusalCode[]): error is Refused =>
  error instanceof Refused && (codes.length === 0 || codes.includes(error.code));

const answerWithinMs = 15_000;

export function createApi({ language, heard }: ApiDeps): Api {
  let awaitLogin: (() => Promise<void>) | null = null;

  async function ask<N extends RouteName>(
    name: N,
    parts: RequestParts<N>,
    options: AskOptions = {},
  ): Promise<Answer<N>> {
    try {
      return await askOnce(name, parts, options);
    } catch (error) {
      if (options.login === false || !awaitLogin || !isRefused(error, "NotLoggedIn")) throw error;
      await awaitLogin();
      return askOnce(name, parts, options);
    }
  }

  async function askOnce<N extends RouteName>(
    name: N,
    parts: RequestParts<N>,
    options: AskOptions,
  ): Promise<Answer<N>> {
    const { method, url } = addressOf(name, parts);
    const body = (parts as { readonly body?: unknown }).body;
    const given = firstOf(options.signal, AbortSignal.timeout(answerWithinMs));
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          "accept-language": language() === "zh" ? "zh-CN" : "en",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey }),
          ...(options.pass ? { "x-queue-pass": options.pass } : {}),
          ...(options.proof ? { "x-challenge": options.proof } : {}),
        },
        signal: given,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Unreachable(name);
    }
    heard?.(response.headers.get("date"));
    const json = parsed(text);
    if (response.ok) return json as Answer<N>;
    if (typeof (json as Problem | undefined)?.code !== "string") throw new Unreachable(`${name}: ${response.status}`);
    throw new Refused(json as Problem);
  }

  return {
    ask,
    onSessionEnded(handler) {
      awaitLogin = handler;
    },
  };
}

/** `AbortSignal.any`, which browsers have only since 2023. */
function firstOf(asked: AbortSignal | undefined, timeout: AbortSignal): AbortSignal {
  if (!asked) return timeout;
  const either = new AbortController();
  for (const signal of [asked, timeout]) {
    if (signal.aborted) either.abort();
    else signal.addEventListener("abort", () => either.abort(), { once: true });
  }
  return either.signal;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function addressOf(name: string, parts: unknown): { readonly method: string; readonly url: string } {
  const { params = {}, query = {} } = parts as {
    readonly params?: Readonly<Record<string, string | number>>;
    readonly query?: Readonly<Record<string, string | number | undefined>>;
  };
  const [method = "GET", path = "/"] = name.split(" ");
  const filled = path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(params[key])));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return { method, url: text ? `${filled}?${text}` : filled };
}

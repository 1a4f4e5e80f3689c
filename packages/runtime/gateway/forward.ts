/**
 * Passes a request on to a role and its answer back, without looking into either: a body goes on in one piece, answers and event
 * streams flow through as they come. The role hears one client address, one host and one scheme: those that the gateway believes.
 */
import {
  type ClientSpec,
  inventoryClient,
  type Refusal,
  refusal,
  ServiceUnavailable,
  userClient,
} from "@chepiao/contracts";
import { assert, secondMs } from "@chepiao/kernel";
import { ExponentialBackoff, handleWhen, retry, type RetryPolicy } from "cockatiel";
import { NotAnswered } from "../bus/breaker.ts";
import { reasonOf } from "../bus/caller.ts";
import type { Replicas } from "../bus/replicas.ts";
import { refusedIn } from "../bus/inside.ts";
import { digestOf, emptyDigest, insideHeader, type Signer } from "../bus/signature.ts";
import { nextSpan, type Trace, traceOf, traceparent } from "../bus/trace.ts";
import type { Observe } from "../http/bind.ts";
import { Exchange, type ServerSeen, type Trust } from "../http/exchange.ts";
import { quietMs } from "../http/listen.ts";
import { bodyOf, handBack, type Learned, leaveConnection, targetOf } from "../http/pass.ts";
import { clientClosedRequest, problemResponse } from "../http/replies.ts";
import type { Streamed } from "../http/streams.ts";
import { createDeadlines } from "./deadlines.ts";

/** How long a role may take to begin its answer. */
export const answerWithinMs = 9 * secondMs;
assert(answerWithinMs < quietMs, "whoever waits for a role is not hung up on before it is given up");
const timeOf = ({ methods }: ClientSpec<object>, name: string) => methods[name]!.timeoutMs;
const purchaseMs =
  timeOf(userClient, "authenticate") + timeOf(userClient, "passengers") + timeOf(inventoryClient, "hold");
assert(
  2 * purchaseMs < answerWithinMs,
  "whoever waits for a purchase hears what became of it, at every call's slowest",
);

export type ForwardDeps = {
  readonly replicas: Replicas;
  /** How what is passed on to that role is signed, which opens its doors for the public and no other. */
  readonly sign: Signer;
  readonly observe: Observe;
  readonly trustProxy: Trust;
  readonly streamed: Streamed;
  readonly learned: Learned;
  readonly answerWithinMs?: number;
};

/** A door of the gateway. */
export type Door = {
  /** The paths of its route, by which its requests were found: nothing else is asked of the role. */
  readonly pattern: RegExp;
  readonly repeatable: boolean;
};

export type Forward = (request: Request, server: ServerSeen, door: Door) => Promise<Response>;

/** What callers could claim about themselves. */
const claimedHeaders = [
  insideHeader,
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "forwarded",
  "x-real-ip",
];
const requestIdForm = /^[\w.:-]{8,128}$/;
const late = new Error("no answer began in time");

/** The connection was not even opened: nobody can have begun anything. */
class NotReached extends NotAnswered {}
/** It was not let in, so nothing was begun. */
class NotBelieved extends NotReached {}
/** There is no time left in which to ask again. */
class NotInTime extends NotAnswered {}

const pauses = new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 });
const retryIf = (worth: (error: unknown) => boolean): RetryPolicy =>
  retry(handleWhen(worth), { maxAttempts: 3, backoff: pauses });
const again = {
  repeatable: retryIf((error) => error instanceof NotAnswered && !(error instanceof NotInTime)),
  unreached: retryIf((error) => error instanceof NotReached),
};

export function createForward(deps: ForwardDeps): Forward {
  const { replicas, sign, trustProxy, observe } = deps;
  const breakerSettings = deps.answerWithinMs ?? answerWithinMs;
  const deadlines = createDeadlines(Math.min(secondMs / 4, breakerSettings / 8));

  return async (request, server, { pattern, repeatable }) => {
    const call = new Exchange(request, server, trustProxy);
    const trace = traceOf(request.headers);
    const requestId = requestIdOf(request.headers, trace);
    // The router may have matched the path as it was sent, and `fetch` works out its dots: what counts is what the role would hear.
    const { href, pathname } = new URL(request.url);
    if (!pattern.test(pathname)) return refused(call, trace, requestId, refusal("NotFound"));
    try {
      const headers = headersFor(call, trace, requestId);
      const body = await bodyOf(request);
      if (!body.ok) return refused(call, trace, requestId, body.error);
      const { method } = request;
      const init: BunFetchRequestInit = { method, body: body.value, redirect: "manual", decompress: false };
      const target = targetOf(href);
      const digest = body.value === null ? emptyDigest : digestOf(body.value);
      const until = performance.now() + breakerSettings;
      // Signed anew for each try: nobody believes the same one twice.
      const signed = () => {
        headers.set(insideHeader, sign({ method, target, headers, digest }));
        return { ...init, headers };
      };
      const once = () => replicas.ask("requests", (address) => send(address + target, signed(), request.signal, until));
      const policy = repeatable ? again.repeatable : again.unreached;
      const answer = await policy.execute(once, request.signal);
      return handBack(request, answer, { ...deps, more: { "x-request-id": requestId } });
    } catch (error) {
      if (request.signal.aborted) return new Response(null, { status: clientClosedRequest });
      return turnAway(call, trace, requestId, error);
    }
  };

  function headersFor({ request, clientAddress, secure }: Exchange, trace: Trace, requestId: string): Headers {
    const headers = new Headers(request.headers);
    leaveConnection(headers);
    for (const name of claimedHeaders) headers.delete(name);
    headers.set("x-forwarded-for", clientAddress);
    headers.set("x-forwarded-proto", secure ? "https" : "http");
    headers.set("x-request-id", requestId);
    headers.set("traceparent", traceparent(nextSpan(trace)));
    return headers;
  }

  /** Until the answer begins; from then on it takes the time that it takes, and its stream ends when its reader leaves. */
  async function send(url: string, init: BunFetchRequestInit, reader: AbortSignal, until: number): Promise<Response> {
    const ending = new AbortController();
    const leave = () => ending.abort();
    reader.addEventListener("abort", leave, { once: true });
    const takeBack = deadlines.at(until, () => ending.abort(late));
    try {
      return believed(await fetch(url, { ...init, signal: ending.signal }));
    } catch (error) {
      if (error instanceof NotBelieved) throw error;
      if (reader.aborted) throw error;
      if (error === late) throw new NotInTime(`${replicas.role} took too long`);
      const reason = reasonOf(error);
      const Why = reason === "ECONNREFUSED" ? NotReached : NotAnswered;
      throw new Why(`${replicas.role} did not answer: ${reason}`, { cause: error });
    } finally {
      takeBack();
      reader.removeEventListener("abort", leave);
    }
  }

  /** That our own signature was refused is no answer to our caller. */
  function believed(answer: Response): Response {
    const told = refusedIn(answer.headers);
    if (!told) return answer;
    void answer.body?.cancel().catch(() => {});
    throw new NotBelieved(`${replicas.role} ${told.says}`);
  }

  function turnAway(call: Exchange, trace: Trace, requestId: string, error: unknown): Response {
    const why = refusalOf(error);
    const level = why.code === "Internal" ? "error" : error instanceof NotBelieved ? "warn" : "info";
    observe.logger[level]({
      service: "gateway-service",
      traceId: trace.traceId,
      action: "forward",
      message: error instanceof Error ? error.message : String(error),
      status: "failed",
      ...(level === "error" ? { error } : {}),
    });
    return refused(call, trace, requestId, why);
  }
}

function refused({ language, secure }: Exchange, { traceId }: Trace, requestId: string, why: Refusal): Response {
  const response = problemResponse(why, { language, traceId, secure });
  response.headers.set("x-request-id", requestId);
  return response;
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ServiceUnavailable) return error.refusal;
  return error instanceof NotAnswered ? refusal("ServiceUnavailable", { retryAfterSeconds: 1 }) : refusal("Internal");
}

function requestIdOf(headers: Headers, { traceId }: Trace): string {
  const given = headers.get("x-request-id");
  return given !== null && requestIdForm.test(given) ? given : traceId;
}

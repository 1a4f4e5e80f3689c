/**
 * Passes a request on to a role and its answer back, without looking into either: bodies and event streams flow through as they
 * come. The role hears one client address, one host and one scheme: those that the gateway believes.
 */
import { inventoryCalls, type Refusal, refusal, ServiceUnavailable, userCalls } from "@chepiao/contracts";
import { assert, secondMs } from "@chepiao/kernel";
import { ExponentialBackoff, handleWhen, retry, type RetryPolicy } from "cockatiel";
import { reasonOf } from "../bus/caller.ts";
import { type Copies, NotAnswered } from "../bus/copies.ts";
import { insideHeader } from "../bus/inside.ts";
import { nextSpan, type Trace, traceOf, traceparent } from "../bus/trace.ts";
import type { Observe } from "../http/bind.ts";
import { Exchange, type ServerSeen } from "../http/exchange.ts";
import { bodyOf, ofConnection, targetOf } from "../http/pass.ts";
import { clientClosedRequest, problemResponse } from "../http/replies.ts";
import type { Streamed } from "../http/streams.ts";
import { createDeadlines } from "./deadlines.ts";

/** How long a role may take to begin its answer: less than the ten seconds after which a quiet connection is dropped. */
export const patienceMs = 9 * secondMs;
const purchaseMs = userCalls.authenticate.timeoutMs + userCalls.passengers.timeoutMs + inventoryCalls.hold.timeoutMs;
assert(2 * purchaseMs < patienceMs, "whoever waits for a purchase hears what became of it, at every call's slowest");

export type ForwardDeps = {
  readonly copies: Copies;
  readonly secret: string;
  readonly observe: Observe;
  readonly trustProxy: boolean;
  readonly streamed: Streamed;
  readonly patienceMs?: number;
};

export type Forward = (request: Request, server: ServerSeen, repeatable: boolean) => Promise<Response>;

/** What callers could claim about themselves. */
const claims = [insideHeader, "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip"];
const requestIdForm = /^[\w.:-]{8,128}$/;
const late = new Error("no answer began in time");

/** The connection was not even opened: nobody can have begun anything. */
class NotReached extends NotAnswered {}
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
  const { copies, secret, trustProxy, observe } = deps;
  const patience = deps.patienceMs ?? patienceMs;
  const deadlines = createDeadlines(Math.min(secondMs / 4, patience / 8));

  return async (request, server, repeatable) => {
    const call = new Exchange(request, server, trustProxy);
    const trace = traceOf(request.headers);
    const requestId = requestIdOf(request.headers, trace);
    try {
      const headers = headersFor(call, trace, requestId);
      const body = await bodyOf(request);
      const init: BunFetchRequestInit = {
        method: request.method,
        headers,
        body,
        redirect: "manual",
        decompress: false,
      };
      const target = targetOf(request.url);
      const until = performance.now() + patience;
      const once = () => copies.ask((address) => send(address + target, init, request.signal, until));
      const policy = repeatable ? again.repeatable : again.unreached;
      // What has flowed through once is gone.
      const answer = body instanceof ReadableStream ? await once() : await policy.execute(once, request.signal);
      return handBack(request, answer, requestId);
    } catch (error) {
      if (request.signal.aborted) return new Response(null, { status: clientClosedRequest });
      return turnAway(call, trace, requestId, error);
    }
  };

  function headersFor({ request, clientAddress, secure }: Exchange, trace: Trace, requestId: string): Headers {
    const headers = new Headers(request.headers);
    for (const name of ofConnection) headers.delete(name);
    for (const name of claims) headers.delete(name);
    headers.set("x-forwarded-for", clientAddress);
    headers.set("x-forwarded-proto", secure ? "https" : "http");
    headers.set("x-request-id", requestId);
    headers.set("traceparent", traceparent(nextSpan(trace)));
    headers.set(insideHeader, secret);
    return headers;
  }

  /** Until the answer begins; from then on it takes the time that it takes, and its stream ends when its reader leaves. */
  async function send(url: string, init: BunFetchRequestInit, reader: AbortSignal, until: number): Promise<Response> {
    const ending = new AbortController();
    const leave = () => ending.abort();
    reader.addEventListener("abort", leave, { once: true });
    const takeBack = deadlines.at(until, () => ending.abort(late));
    try {
      return await fetch(url, { ...init, signal: ending.signal });
    } catch (error) {
      if (reader.aborted) throw error;
      if (error === late) throw new NotInTime(`${copies.role} took too long`);
      const reason = reasonOf(error);
      const Why = reason === "ECONNREFUSED" ? NotReached : NotAnswered;
      throw new Why(`${copies.role} did not answer: ${reason}`, { cause: error });
    } finally {
      takeBack();
      reader.removeEventListener("abort", leave);
    }
  }

  function handBack(request: Request, answer: Response, requestId: string): Response {
    const headers = new Headers(answer.headers);
    for (const name of ofConnection) headers.delete(name);
    headers.set("x-request-id", requestId);
    const response = new Response(answer.body, { status: answer.status, headers });
    return headers.get("content-type")?.startsWith("text/event-stream") ? deps.streamed(request, response) : response;
  }

  function turnAway(call: Exchange, { traceId }: Trace, requestId: string, error: unknown): Response {
    const why = refusalOf(error);
    const level = why.code === "Internal" ? "error" : "info";
    observe.logger[level]({
      service: "gateway-service",
      traceId,
      action: "forward",
      message: error instanceof Error ? error.message : String(error),
      status: "failed",
      ...(level === "error" ? { error } : {}),
    });
    const response = problemResponse(why, { language: call.language, traceId, secure: call.secure });
    response.headers.set("x-request-id", requestId);
    return response;
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ServiceUnavailable) return error.refusal;
  return error instanceof NotAnswered ? refusal("ServiceUnavailable", { retryAfterSeconds: 1 }) : refusal("Internal");
}

function requestIdOf(headers: Headers, { traceId }: Trace): string {
  const given = headers.get("x-request-id");
  return given !== null && requestIdForm.test(given) ? given : traceId;
}

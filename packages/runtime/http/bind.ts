/**
 * From declared routes to the table that `Bun.serve` wants: one prepared function a route. A GET whose handler answers at once is
 * answered without a promise; nothing that can be made at start is made for a request.
 */
import type { Refusal, Reply, RouteSpec } from "@chepiao/contracts";
import { refusal, ServiceUnavailable } from "@chepiao/contracts";
import { assert, ok, refuse, type Result } from "@chepiao/kernel";
import { type Logger, type Metrics, type RequestMeter, serviceOf } from "../observe/index.ts";
import type { AnswerAudit } from "./audit.ts";
import {
  admit,
  type Authenticate,
  Exchange,
  isSecure,
  isStillAdmitted,
  randomHex,
  type ServerSeen,
  type Trust,
} from "./exchange.ts";
import { accountHeader } from "./pass.ts";
import { createReader } from "./read.ts";
import { clientClosedRequest, problemResponse, responseOf } from "./replies.ts";
import type { Streamed } from "./streams.ts";

type Answer = Result<Reply, Refusal>;

type Ready = { readonly ready?: (url: string) => Reply | null };
type BoundHandler = ((call: Exchange) => Promise<Answer> | Answer) & Ready;

/** A room as it is mounted: its declarations and one handler for each. */
export type Room = {
  readonly routes: Readonly<Record<string, RouteSpec>>;
  readonly handlers: Readonly<Record<string, ((call: never) => Promise<Answer> | Answer) & Ready>>;
};

export type Observe = { readonly logger: Logger; readonly metrics: Metrics };

export type BindDeps = {
  readonly authenticate: Authenticate;
  readonly observe: Observe;
  /** Believe `X-Forwarded-For` and `X-Forwarded-Proto`. Only behind a proxy that sets them. */
  readonly trustProxy?: Trust;
  readonly audit?: AnswerAudit | null;
  /** Told of every stream that leaves, so that it can be kept open and ended in good order. */
  readonly streamed?: Streamed;
};

export type RouteRequest = Request & { readonly params: Readonly<Record<string, string>> };
export type RouteFunction = (request: RouteRequest, server: ServerSeen) => Response | Promise<Response>;
export type RouteTable = Record<string, Partial<Record<RouteSpec["method"], RouteFunction>>>;

export function bindRoutes(rooms: readonly Room[], deps: BindDeps): RouteTable {
  const table: RouteTable = {};
  for (const { routes, handlers } of rooms) {
    for (const [name, spec] of Object.entries(routes)) {
      const handler = handlers[name];
      assert(handler !== undefined, `${spec.room}.${name} has no handler`);
      assert(
        !spec.anonymous || spec.who === "anyone",
        `${spec.room}.${name} cannot be both anonymous and for ${spec.who}`,
      );
      const methods = (table[spec.path] ??= {});
      assert(methods[spec.method] === undefined, `${spec.method} ${spec.path} is declared twice`);
      assert(
        !handler.ready || (spec.anonymous === true && spec.method === "GET"),
        `${spec.room}.${name} has answers ready that are not for everybody`,
      );
      methods[spec.method] = bindRoute(name, spec, handler as BoundHandler, deps);
    }
  }
  return table;
}

function bindRoute(name: string, spec: RouteSpec, handler: BoundHandler, deps: BindDeps): RouteFunction {
  const { authenticate, audit } = deps;
  const trustProxy = deps.trustProxy ?? false;
  const reader = createReader(spec);
  const { body } = reader;
  const meter = deps.observe.metrics.requests(serviceOf(spec.room), spec.method, spec.path);
  const finish = createFinish(name, spec, meter, deps);
  const failed = (call: Exchange, error: unknown): Response =>
    error instanceof ServiceUnavailable
      ? finish(call, refuse(error.refusal))
      : finish(call, refuse(refusal("Internal")), error);
  const answered = (call: Exchange, answer: Answer): Response => {
    audit?.check(name, spec, answer);
    return finish(call, answer);
  };

  /** From the first thing that has to be waited for: the session, the body or the answer. */
  async function wait(
    call: Exchange,
    params: RouteRequest["params"],
    admitted: Promise<Refusal | null> | null,
    answer: Promise<Answer> | null,
  ): Promise<Response> {
    try {
      if (answer) return answered(call, await answer);
      let refused = admitted ? await admitted : null;
      if (admitted) refused ??= reader.head(call, params);
      if (!refused && body) refused = body.accept(call, await body.take(call));
      if (refused) return answered(call, refuse(refused));
      const given = handler(call);
      return answered(call, given instanceof Promise ? await given : given);
    } catch (error) {
      return failed(call, error);
    }
  }

  const whole: RouteFunction = (request, server) => {
    const call = new Exchange(request, server, trustProxy);
    try {
      const { params } = request;
      const admitted = admit(call, spec, authenticate);
      if (admitted instanceof Promise) return wait(call, params, admitted, null);
      const refused = admitted ?? reader.head(call, params);
      if (refused) return answered(call, refuse(refused));
      if (body) return wait(call, params, null, null);
      const answer = handler(call);
      return answer instanceof Promise ? wait(call, params, null, answer) : answered(call, answer);
    } catch (error) {
      return failed(call, error);
    }
  };

  const { ready } = handler;
  // Where reading is noted in the log, everything goes the whole way.
  if (!ready || deps.observe.logger.writes("debug")) return whole;
  return (request, server) => {
    const startedMs = performance.now();
    try {
      const reply = ready(request.url);
      if (reply === null) return whole(request, server);
      audit?.check(name, spec, ok(reply));
      const response = responseOf(reply, isSecure(request, trustProxy), request);
      meter.observe(response.status, (performance.now() - startedMs) / 1_000);
      return response;
    } catch (error) {
      return failed(new Exchange(request, server, trustProxy), error);
    }
  };
}

type Finish = (call: Exchange, answer: Answer, error?: unknown) => Response;

/** Makes the response, counts it, and writes the line in the log that it deserves. */
function createFinish(
  name: string,
  spec: RouteSpec,
  meter: RequestMeter,
  { authenticate, observe: { logger }, streamed }: BindDeps,
): Finish {
  const isUnsafe = spec.method !== "GET";
  const noteAll = logger.writes("debug");
  const note = createNote(name, spec, logger);
  const finish: Finish = (call, answer, error) => {
    // Nobody is left to read the answer: neither a success nor a failure of ours.
    if (error !== undefined && call.request.signal.aborted) return gone(call, meter);
    const { secure } = call;
    let response: Response;
    if (answer.ok) {
      const { value } = answer;
      try {
        response = responseOf(value, secure, call.request);
      } catch (broken) {
        return finish(call, refuse(refusal("Internal")), broken);
      }
      if (value.raw && streamed && value.body instanceof ReadableStream)
        response = streamed(call.request, response, () => isStillAdmitted(call, spec, authenticate));
    } else {
      response = problemResponse(answer.error, { language: call.language, traceId: call.traceId, secure });
    }
    if (call.tellsAccount && call.session) response.headers.set(accountHeader, String(call.session.userId));
    const tookMs = performance.now() - call.startedMs;
    meter.observe(response.status, tookMs / 1_000);
    if (isUnsafe || noteAll || isNoteworthy(response.status)) note(call, answer, response.status, tookMs, error);
    return response;
  };
  return finish;
}

function gone(call: Exchange, meter: RequestMeter): Response {
  meter.observe(clientClosedRequest, (performance.now() - call.startedMs) / 1_000);
  return new Response(null, { status: clientClosedRequest });
}

/** Failures of ours, and looks at what a user's role does not let them see. */
const isNoteworthy = (status: number): boolean => status >= 500 || status === 403;

/** The access line: every unsafe request, every failure of ours and every look that is not allowed at INFO or ERROR, reading at DEBUG. */
function createNote(name: string, spec: RouteSpec, logger: Logger) {
  const service = serviceOf(spec.room);
  const line = `${spec.method} ${spec.path}`;
  const quiet = spec.method === "GET" ? "debug" : "info";
  // As many as the route has statuses and refusals.
  const messages = new Map<number | string, string>();
  const messageOf = (status: number, answer: Answer): string => {
    const key = answer.ok ? status : answer.error.code;
    let message = messages.get(key);
    if (message === undefined) {
      message = answer.ok ? `${line} ${status}` : `${line} ${status} ${answer.error.code}`;
      messages.set(key, message);
    }
    return message;
  };
  return (call: Exchange, answer: Answer, status: number, tookMs: number, error: unknown) => {
    const orderNo = (call.params as { readonly orderNo?: unknown } | undefined)?.orderNo;
    // A refusal with 503 is being busy: told, but no reason to wake an operator.
    const level = error !== undefined || status === 500 ? "error" : isNoteworthy(status) ? "info" : quiet;
    logger[level]({
      service,
      traceId: call.traceId,
      spanId: randomHex(8),
      userId: call.session?.userId,
      action: name,
      message: messageOf(status, answer),
      orderId: typeof orderNo === "string" ? orderNo : undefined,
      duration: Math.round(tookMs),
      status: status >= 500 ? "failed" : status >= 400 ? "refused" : "success",
      error,
    });
  };
}

/**
 * The other end of a call: takes what another role asks, holds it against the contract, and answers in the caller's trace. One
 * prepared function a call, for the table of the role's inner door.
 */
import {
  type AnswerTo,
  type AskOf,
  type CallSpec,
  type Refusal,
  refusal,
  ServiceUnavailable,
} from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";
import { Compile } from "typebox/compile";
import type { Observe, RouteFunction, RouteTable } from "../http/bind.ts";
import { randomHex } from "../http/exchange.ts";
import { explain } from "../http/explain.ts";
import { problemResponse } from "../http/replies.ts";
import { serviceOf } from "../observe/index.ts";
import { createInsideCheck } from "./inside.ts";
import { inTrace, traceOf } from "./trace.ts";

export type CallHandlers<Calls extends Readonly<Record<string, CallSpec>>> = {
  readonly [Name in keyof Calls]: (ask: AskOf<Calls[Name]>) => Promise<AnswerTo<Calls[Name]>> | AnswerTo<Calls[Name]>;
};

/** A room's calls with what answers them. */
export type Answering = {
  readonly calls: Readonly<Record<string, CallSpec>>;
  readonly handlers: Readonly<Record<string, (ask: never) => unknown>>;
};

/** Some thousand purchases in one call. */
const askBytesMax = 8 * 2 ** 20;

export function bindCalls(rooms: readonly Answering[], secret: string, observe: Observe): RouteTable {
  const table: RouteTable = {};
  for (const { calls, handlers } of rooms) {
    for (const [name, spec] of Object.entries(calls)) {
      const handler = handlers[name];
      assert(handler !== undefined, `${spec.path} has no handler`);
      assert(table[spec.path] === undefined, `${spec.path} is declared twice`);
      table[spec.path] = { POST: bindCall(name, spec, handler as (ask: unknown) => unknown, secret, observe) };
    }
  }
  return table;
}

function bindCall(
  name: string,
  spec: CallSpec,
  handler: (ask: unknown) => unknown,
  secret: string,
  { logger, metrics }: Observe,
): RouteFunction {
  const validator = Compile(spec.ask);
  const isInside = createInsideCheck(secret);
  const service = serviceOf(spec.room);
  const meter = metrics.requests(service, "POST", spec.path);

  async function answer(request: Request): Promise<Response | Refusal> {
    if (!isInside(request.headers)) return refusal("NotAllowed");
    // Without a length it is not one of ours.
    const length = Number(request.headers.get("content-length") ?? Number.NaN);
    if (!(length <= askBytesMax)) return refusal("BodyTooLarge");
    const ask = parsed(await request.text());
    if (!validator.Check(ask)) return refusal("MalformedRequest", { in: "body" }, explain(validator, ask, "en"));
    return Response.json(await handler(ask));
  }

  return async (request) => {
    const startedMs = performance.now();
    const trace = traceOf(request.headers);
    let answered: Response | Refusal;
    let error: unknown;
    try {
      answered = await inTrace(trace, () => answer(request));
    } catch (thrown) {
      error = thrown;
      answered = thrown instanceof ServiceUnavailable ? thrown.refusal : refusal("Internal");
    }
    const { traceId } = trace;
    const response =
      answered instanceof Response ? answered : problemResponse(answered, { language: "en", traceId, secure: false });
    const tookMs = performance.now() - startedMs;
    meter.observe(response.status, tookMs / 1_000);
    const level = levelOf(error);
    if (logger.writes(level)) {
      logger[level]({
        service,
        traceId,
        spanId: randomHex(8),
        action: name,
        message: `${spec.path} ${response.status}`,
        duration: Math.round(tookMs),
        status: response.status < 400 ? "success" : "failed",
        error,
      });
    }
    return response;
  };
}

/** That somebody else is away is said by whoever watches him. */
const levelOf = (error: unknown) =>
  error === undefined ? "debug" : error instanceof ServiceUnavailable ? "warn" : "error";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

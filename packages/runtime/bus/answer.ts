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
import { assert, callBytesMax } from "@chepiao/kernel";
import { Compile } from "typebox/compile";
import type { Observe, RouteFunction, RouteTable } from "../http/bind.ts";
import { readText } from "../http/body.ts";
import { randomHex } from "../http/exchange.ts";
import { explain } from "../http/explain.ts";
import { targetOf } from "../http/pass.ts";
import { problemResponse } from "../http/replies.ts";
import { serviceOf } from "../observe/index.ts";
import { turnedAway } from "./inside.ts";
import { digestOf, type Guard } from "./signature.ts";
import { inTrace, type Trace, traceOf } from "./trace.ts";

export type CallHandlers<Calls extends Readonly<Record<string, CallSpec>>> = {
  readonly [Name in keyof Calls]: (ask: AskOf<Calls[Name]>) => Promise<AnswerTo<Calls[Name]>> | AnswerTo<Calls[Name]>;
};

/** A room's calls with what answers them. */
export type Answering = {
  readonly calls: Readonly<Record<string, CallSpec>>;
  readonly handlers: Readonly<Record<string, (ask: never) => unknown>>;
};

/** @param guardOf who may call that room */
export function bindCalls(rooms: readonly Answering[], guardOf: (room: string) => Guard, observe: Observe): RouteTable {
  const table: RouteTable = {};
  for (const { calls, handlers } of rooms) {
    for (const [name, spec] of Object.entries(calls)) {
      const handler = handlers[name];
      assert(handler !== undefined, `${spec.path} has no handler`);
      assert(table[spec.path] === undefined, `${spec.path} is declared twice`);
      table[spec.path] = {
        POST: bindCall(name, spec, handler as (ask: unknown) => unknown, guardOf(spec.room), observe),
      };
    }
  }
  return table;
}

function bindCall(
  name: string,
  spec: CallSpec,
  handler: (ask: unknown) => unknown,
  guard: Guard,
  { logger, metrics }: Observe,
): RouteFunction {
  const validator = Compile(spec.ask);
  const service = serviceOf(spec.room);
  const meter = metrics.requests(service, "POST", spec.path);

  async function answer(request: Request, trace: Trace): Promise<Response | Refusal> {
    const verdict = guard({ method: request.method, target: targetOf(request.url), headers: request.headers });
    if (!verdict.ok) {
      if (verdict.why === "clock") tellOfClock(spec.path, verdict.behindMs);
      return turnedAway(verdict, trace);
    }
    // Without a length it is not one of ours.
    const text = request.headers.has("content-length") ? await readText(request, callBytesMax) : null;
    if (text === null) return refusal("BodyTooLarge");
    if (digestOf(text) !== verdict.digest) return refusal("NotAllowed");
    const ask = parsed(text);
    if (!validator.Check(ask)) return refusal("MalformedRequest", { in: "body" }, explain(validator, ask, "en"));
    return Response.json(await handler(ask));
  }

  function tellOfClock(path: string, behindMs: number) {
    const message = `a call of ${path} came from a clock ${behindMs / 1_000} s behind ours, and was refused`;
    logger.warn({ service, action: "clock", message, status: "failed" });
  }

  return async (request) => {
    const startedMs = performance.now();
    const trace = traceOf(request.headers);
    let answered: Response | Refusal;
    let error: unknown;
    try {
      answered = await inTrace(trace, () => answer(request, trace));
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

/** That another role is away is said by the watch of it. */
const levelOf = (error: unknown) =>
  error === undefined ? "debug" : error instanceof ServiceUnavailable ? "warn" : "error";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

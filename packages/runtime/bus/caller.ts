/**
 * Asks another role: one call of its contract, over HTTP, as JSON. Connections are kept; each try has its time; a call that may be
 * made twice is tried again with growing pauses, at another replica where there is one, until its time is over. What comes back is
 * held against the contract, because the other side may be of another version.
 */
import { type AnswerTo, type AskOf, type CallSpec, ServiceUnavailable } from "@chepiao/contracts";
import { ExponentialBackoff, handleType, retry } from "cockatiel";
import { Compile, type Validator } from "typebox/compile";
import type { Observe } from "../http/bind.ts";
import { NotAnswered } from "./breaker.ts";
import { type ReplicasDeps, createReplicas } from "./replicas.ts";
import type { Labels } from "../observe/index.ts";
import { refusedIn } from "./inside.ts";
import { digestOf, insideHeader, type Signer } from "./signature.ts";
import { currentTrace, nextSpan, type Trace, traceparent } from "./trace.ts";

export type BusDeps = {
  /** Where replicas listen of the role that answers that room's calls. Asked when the room is first needed. */
  readonly addressesOf: (room: string) => readonly string[];
  /** How what is asked of that room is signed. Asked when the room is first needed. */
  readonly signerOf: (room: string) => Signer;
  readonly observe: Observe;
  readonly breakerSettings?: ReplicasDeps["breakerSettings"];
};

/** Whom to ask, by role. */
export type Bus = (role: string) => Caller;

export type Caller = {
  /** Throws `ServiceUnavailable` where no answer could be had. */
  ask<C extends CallSpec>(spec: C, ask: AskOf<C>): Promise<AnswerTo<C>>;
};

/** With pauses of 50 ms, 100 ms and so on a role that is started again within a second is not missed. */
const triesMax = 6;
const pauses = new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 });

export function createBus({ addressesOf, signerOf, observe, breakerSettings }: BusDeps): Bus {
  const seconds = observe.metrics.histogram(
    "role_call_duration_seconds",
    "Time from asking another role to its answer.",
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ["role", "call", "outcome"],
  );
  const callers = new Map<string, Caller>();
  return (role) => ({
    ask(spec, ask) {
      let caller = callers.get(role);
      if (!caller) {
        caller = createCaller({
          role,
          addresses: addressesOf(role),
          sign: signerOf(role),
          breakerSettings,
          logger: observe.logger,
          seconds,
        });
        callers.set(role, caller);
      }
      return caller.ask(spec, ask);
    },
  });
}

type Body = { readonly text: string; readonly digest: string };

/** The other side is of another version: it has no such call, or asks for something else in it. */
export class NotUnderstood extends Error {
  override readonly name = "NotUnderstood";
}

export type CallerDeps = Omit<ReplicasDeps, "service"> & {
  readonly sign: Signer;
  readonly seconds: { observe(value: number, labels: Labels): void };
};

export function createCaller({ role, addresses, breakerSettings, sign, logger, seconds }: CallerDeps) {
  const service = `${role}-caller`;
  const replicas = createReplicas({ role, addresses, breakerSettings, service, logger });
  const again = retry(handleType(NotAnswered), { maxAttempts: triesMax - 1, backoff: pauses });
  const validators = new Map<CallSpec, Validator>();
  const validatorOf = (spec: CallSpec): Validator => {
    const validator = validators.get(spec) ?? Compile(spec.answer);
    validators.set(spec, validator);
    return validator;
  };

  async function tryOnce(spec: CallSpec, body: Body, trace: Trace, address: string): Promise<unknown> {
    const text = await send(spec, body, trace, address);
    const answer = parsed(text);
    if (validatorOf(spec).Check(answer)) return answer;
    throw new NotAnswered(`${role} at ${address} answered ${spec.path} with what its contract does not know`);
  }

  async function send(spec: CallSpec, { text: body, digest }: Body, trace: Trace, address: string): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(address + spec.path, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          // Anew for each try: nobody believes the same one twice.
          [insideHeader]: sign({ method: "POST", target: spec.path, headers: null, digest }),
          traceparent: traceparent(trace),
          ...(trace.state === null ? {} : { tracestate: trace.state }),
        },
        signal: AbortSignal.timeout(spec.timeoutMs),
        redirect: "manual",
      });
      text = await response.text();
    } catch (error) {
      throw new NotAnswered(`${role} at ${address} did not answer ${spec.path}: ${reasonOf(error)}`, { cause: error });
    }
    if (response.status === 200) return text;
    if (response.status >= 500)
      throw new NotAnswered(`${role} at ${address} answered ${spec.path} with ${response.status}`);
    const refused = refusedIn(response.headers);
    if (refused?.mayTryAgain) throw new NotAnswered(`${role} at ${address} ${refused.says}`);
    if (refused) throw new ServiceUnavailable(role, `it ${refused.says}`);
    if (response.status === 403)
      throw new ServiceUnavailable(role, "it does not know us: all roles need the same keys, and be of one version");
    const told = `${role} at ${address} refused ${spec.path} with ${response.status}: ${text.slice(0, 500)}`;
    throw response.status === 400 || response.status === 404 ? new NotUnderstood(told) : new Error(told);
  }

  const caller: Caller = {
    async ask(spec, ask) {
      const trace = nextSpan(currentTrace());
      const startedMs = performance.now();
      const text = JSON.stringify(ask);
      const body = { text, digest: digestOf(text) };
      const ended = (outcome: string) =>
        seconds.observe((performance.now() - startedMs) / 1_000, { role, call: spec.path, outcome });
      try {
        const once = () => replicas.ask(spec.path, (address) => tryOnce(spec, body, trace, address));
        const answer = spec.idempotent ? await again.execute(once, AbortSignal.timeout(spec.timeoutMs)) : await once();
        ended("answered");
        return answer as AnswerTo<typeof spec>;
      } catch (error) {
        ended("failed");
        if (!(error instanceof NotAnswered)) throw error;
        const { traceId, spanId } = trace;
        const duration = Math.round(performance.now() - startedMs);
        logger.warn({
          service,
          traceId,
          spanId,
          action: spec.path,
          message: error.message,
          duration,
          status: "failed",
        });
        throw new ServiceUnavailable(role, error.message, 1, { cause: error });
      }
    },
  };
  return { ...caller, replicas };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As people say it: which failure of the network, without its stack. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it took too long";
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : error.message;
}

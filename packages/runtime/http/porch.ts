/**
 * The door of a house that is not open yet. It has its address at once, says what it waits for, and turns everybody else away for
 * a moment; `serveHttp` then opens the house behind the same door, and nobody finds it closed in between.
 */
import { refusal } from "@chepiao/contracts";
import type { Observe } from "./bind.ts";
import { languageOf, traceIdOf } from "./exchange.ts";
import { type AskReady, healthRoutes, type Readiness } from "./own.ts";
import { problemResponse } from "./replies.ts";
import { listen, type Server } from "./listen.ts";

export type PorchOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostname?: string;
  readonly ready: AskReady;
  readonly observe: Observe;
};

export type Porch = {
  readonly server: Server;
  readonly port: number;
  /** Where the house does not open after all. */
  stop(): Promise<void>;
};

const away = refusal("ServiceUnavailable", { retryAfterSeconds: 1 });

export function openPorch(options: PorchOptions): Porch {
  const server = listen({
    port: options.port,
    hostname: options.hostname,
    routes: healthRoutes({ ...options, ready: () => notYet(options.ready) }),
    fetch: ({ headers }) =>
      problemResponse(away, {
        language: languageOf(headers.get("accept-language")),
        traceId: traceIdOf(headers.get("traceparent")),
        secure: false,
      }),
  });
  return { server, port: server.port!, stop: () => server.stop(true) };
}

const doors: Readiness = { name: "doors", ready: false, why: "this process is still opening" };

/** Between the last thing that was waited for and the doors there is work, and nobody is let in meanwhile. */
async function notYet(ready: AskReady): Promise<readonly Readiness[]> {
  const checks = await ready();
  return checks.every((check) => check.ready || check.optional) ? [...checks, doors] : checks;
}

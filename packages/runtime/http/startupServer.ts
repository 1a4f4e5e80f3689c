/**
 * The door of a house that is not open yet. It has its address at once, says what it waits for, and turns everybody else away for
 * a moment; `serveHttp` then opens the house behind the same door, and nobody finds it closed in between.
 */
import { refusal } from "@chepiao/contracts";
import type { Observe } from "./bind.ts";
import { refusedTo } from "./exchange.ts";
import { type AskReady, type Health, healthRoutes, type Readiness } from "./health.ts";
import { listen, type Server } from "./listen.ts";

export type StartupServerOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostname?: string;
  /** The longest body that a handler behind this door will read, where that is more than a route may have. */
  readonly bodyBytesMax?: number | undefined;
  readonly ready: AskReady;
  readonly observe: Observe;
  /** How much is told at this door, before and after it opens. */
  readonly health: Health;
};

export type StartupServer = {
  readonly server: Server;
  readonly port: number;
  readonly health: Health;
  /** Where the house does not open after all. */
  stop(): Promise<void>;
};

const away = refusal("ServiceUnavailable", { retryAfterSeconds: 1 });

export function openStartupServer(options: StartupServerOptions): StartupServer {
  const server = listen({
    port: options.port,
    hostname: options.hostname,
    observe: options.observe,
    bodyBytesMax: options.bodyBytesMax,
    routes: healthRoutes({ ...options, ready: () => notYet(options.ready) }),
    fetch: (request) => refusedTo(request, away, false),
  });
  return { server, port: server.port!, health: options.health, stop: () => server.stop(true) };
}

const opening: Readiness = { name: "doors", ready: false, why: "this process is still opening" };

/** Between the last thing that was waited for and the doors there is work, and nobody is let in meanwhile. */
async function notYet(ready: AskReady): Promise<readonly Readiness[]> {
  const checks = await ready();
  return checks.every((check) => check.ready || check.optional) ? [...checks, opening] : checks;
}

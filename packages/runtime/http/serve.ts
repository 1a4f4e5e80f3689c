/** The HTTP rim: routes, health, metrics, the API's own description, and whatever else is mounted, on one port. */
import { type AnswerAudit, createAnswerAudit } from "./audit.ts";
import { bindRoutes, type Observe, type Room, type RouteFunction, type RouteTable } from "./bind.ts";
import type { Authenticate } from "./exchange.ts";
import { createFallback, type Mounted } from "./fallback.ts";
import { type Listen, listen, moveIn, type Server } from "./listen.ts";
import { type AskReady, descriptionRoutes, healthRoutes, type Routes } from "./own.ts";
import type { Porch } from "./porch.ts";
import { type PassOn, passedOn } from "./pass.ts";
import { createStreams, type Streamed, type Streams } from "./streams.ts";

export type HttpOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostname?: string;
  /** Opens behind this door instead of one of its own. */
  readonly porch?: Porch;
  readonly rooms: readonly Room[];
  readonly authenticate: Authenticate;
  /** What every request of a room goes through first. */
  readonly around?: (answer: RouteFunction) => RouteFunction;
  /** Prepared doors beside those of the rooms: calls of other processes, requests that are passed on. */
  readonly doors?: (streamed: Streamed) => RouteTable;
  /** What the API's description tells of; the rooms where it is left out. */
  readonly described?: readonly Routes[];
  readonly observe: Observe;
  /** What has to be there before requests should come. */
  readonly ready: AskReady;
  /** Asked for what no route takes: the sandbox bank, the web site. Null lets it go to 404. */
  readonly extra?: Mounted;
  readonly trustProxy?: boolean;
  /** Several listen on one port, and the system gives each its share of the connections. */
  readonly reusePort?: boolean;
  /** Opens this socket in the file system, too, for requests that other threads pass on. */
  readonly inner?: string;
  /** Where everything goes that no room here answers, health and description included: we are not the whole house. */
  readonly passOn?: (streamed: Streamed) => PassOn;
  /** For tests: an answer that is not as declared becomes a 500 and makes `stop` throw. */
  readonly strictAnswers?: boolean | AnswerAudit;
  /** For how long we say that we are leaving before we do, so that nobody is sent here any more. */
  readonly noticeMs?: number;
  /** How long answers on their way may take once we stop. */
  readonly drainMs?: number;
};

export type HttpServer = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Takes no more, lets answers on their way leave, ends streams, then closes. */
  stop(): Promise<void>;
};

const drainMsDefault = 10_000;

export function serveHttp(options: HttpOptions): HttpServer {
  const { observe, rooms, authenticate, around, porch } = options;
  const trustProxy = options.trustProxy ?? false;
  const audit =
    typeof options.strictAnswers === "object"
      ? options.strictAnswers
      : options.strictAnswers
        ? createAnswerAudit()
        : null;
  const broke = (action: string, message: string) => (error: unknown) =>
    observe.logger.error({ service: "gateway-service", action, message, status: "failed", error });
  const streams = createStreams(broke("stream", "a stream broke"));
  const holding: { server: Server | null } = { server: null };
  const streamed: Streamed = (request, response) => {
    // Quiet is normal for a stream: the idle timeout is for requests that hang.
    holding.server?.timeout(request, 0);
    return streams.hold(response);
  };
  const state = { draining: false };
  const ready: AskReady = async () => [...(await options.ready()), ...(state.draining ? [stopping] : [])];

  const ownRoutes = (): RouteTable => ({
    ...healthRoutes({ ready, observe, trustProxy }),
    ...descriptionRoutes(options.described ?? rooms.map(({ routes }) => routes), trustProxy),
  });
  const bound = bindRoutes(rooms, { authenticate, observe, trustProxy, audit, streamed });
  const table: RouteTable = {
    ...(around ? wrapped(bound, around) : bound),
    ...options.doors?.(streamed),
    ...(options.passOn ? {} : ownRoutes()),
  };
  const rest: Listen["fetch"] = options.passOn?.(streamed) ?? createFallback(table, options);
  const unanswered = broke("serve", "unanswered");
  const house: Listen = {
    port: options.port,
    hostname: options.hostname,
    reusePort: options.reusePort,
    routes: table,
    fetch: rest,
    error(error) {
      unanswered(error);
      return new Response(null, { status: 500 });
    },
  };
  const server = porch ? moveIn(porch.server, house) : listen(house);
  holding.server = server;
  const inner = options.inner === undefined ? [] : [listen(insideOf(house, options.inner))];
  const host = options.hostname === undefined || options.hostname === "0.0.0.0" ? "localhost" : server.hostname;
  return {
    url: `http://${host}:${server.port}`,
    port: server.port!,
    async stop() {
      state.draining = true;
      if (options.noticeMs) await Bun.sleep(options.noticeMs);
      await drain([server, ...inner], streams, options.drainMs ?? drainMsDefault);
      if (audit && audit.mismatches.length > 0) {
        throw new Error(`answers that are not as declared:\n${audit.mismatches.join("\n")}`);
      }
    },
  };
}

const stopping = { name: "http", ready: false, why: "stopping" } as const;

const wrapped = (table: RouteTable, around: (answer: RouteFunction) => RouteFunction): RouteTable =>
  Object.fromEntries(
    Object.entries(table).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, answer]) => [method, around(answer)])),
    ]),
  );

/** The same house, for requests that other threads pass on. */
const insideOf = (house: Listen, unix: string): Listen => ({
  ...house,
  unix,
  routes: wrapped(house.routes, passedOn),
  fetch: passedOn(house.fetch),
});

async function drain(servers: readonly Server[], streams: Streams, drainMs: number): Promise<void> {
  const closed = servers.map((server) => server.stop(false));
  const until = performance.now() + drainMs;
  const pending = () => servers.reduce((sum, server) => sum + server.pendingRequests, 0);
  while (pending() > streams.count && performance.now() < until) await Bun.sleep(5);
  streams.endAll();
  // What was answered a moment ago may still be on its way into the socket.
  while (pending() > 0 && performance.now() < until) await Bun.sleep(5);
  await Bun.sleep(5);
  for (const server of servers) void server.stop(true);
  await Promise.all(closed);
}

/**
 * The HTTP rim: routes, health, metrics, the API's own description, and whatever else is mounted, on one port. What no route takes
 * is answered here: 405 where the address exists, 404 where it does not.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { type AnswerAudit, createAnswerAudit } from "./audit.ts";
import { bindRoutes, type Observe, type Room, type RouteFunction, type RouteTable } from "./bind.ts";
import { docsPage } from "./docs.ts";
import { type Authenticate, Exchange, isSecure } from "./exchange.ts";
import { openApiDocument } from "./openapi.ts";
import { problemResponse, responseOf, secured } from "./replies.ts";
import { createStreams, type Streams } from "./streams.ts";

type Server = Bun.Server<undefined>;
export type Readiness = { readonly name: string; readonly ready: boolean; readonly why?: string };
export type Mounted = (request: Request, server: Server) => Response | Promise<Response | null> | null;

export type HttpOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostname?: string;
  readonly rooms: readonly Room[];
  readonly authenticate: Authenticate;
  readonly observe: Observe;
  /** What has to be there before requests should come. */
  readonly ready: () => readonly Readiness[] | Promise<readonly Readiness[]>;
  /** Asked for what no route takes: the sandbox bank, the web site. Null lets it go to 404. */
  readonly extra?: Mounted;
  readonly trustProxy?: boolean;
  /** Several processes share one port. */
  readonly reusePort?: boolean;
  /** For tests: an answer that is not as declared becomes a 500 and makes `stop` throw. */
  readonly strictAnswers?: boolean | AnswerAudit;
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

/** Somebody else has the port: for people, not for a stack trace. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
  readonly port: number;
  constructor(port: number) {
    super(`port ${port} is already in use: stop what is using it, or choose another port`);
    this.port = port;
  }
}

const drainMsDefault = 10_000;
/** Longest request body that the socket takes. Beyond 64 KiB we answer 413 ourselves, without reading it. */
const socketBodyBytesMax = Number.MAX_SAFE_INTEGER;

export function serveHttp(options: HttpOptions): HttpServer {
  const { observe, rooms, authenticate } = options;
  const trustProxy = options.trustProxy ?? false;
  const audit =
    typeof options.strictAnswers === "object"
      ? options.strictAnswers
      : options.strictAnswers
        ? createAnswerAudit()
        : null;
  const streams = createStreams((error) => {
    observe.logger.error({
      service: "gateway-service",
      action: "stream",
      message: "a stream broke",
      status: "failed",
      error,
    });
  });
  const state = { draining: false };
  const holding: { server: Server | null } = { server: null };
  const table = bindRoutes(rooms, {
    authenticate,
    observe,
    trustProxy,
    audit,
    streamed(request, response) {
      // Quiet is normal for a stream: the idle timeout is for requests that hang.
      holding.server?.timeout(request, 0);
      return streams.hold(response);
    },
  });
  const own = ownRoutes(options, state);
  const fallback = createFallback({ ...table, ...own }, options);
  const server = listen(options.port, () =>
    Bun.serve({
      port: options.port,
      hostname: options.hostname ?? "0.0.0.0",
      reusePort: options.reusePort ?? false,
      development: false,
      maxRequestBodySize: socketBodyBytesMax,
      routes: { ...table, ...own },
      fetch: fallback,
      error(error) {
        observe.logger.error({
          service: "gateway-service",
          action: "serve",
          message: "unanswered",
          status: "failed",
          error,
        });
        return new Response(null, { status: 500 });
      },
    }),
  );
  holding.server = server;
  const host = options.hostname === undefined || options.hostname === "0.0.0.0" ? "localhost" : server.hostname;
  return {
    url: `http://${host}:${server.port}`,
    port: server.port!,
    async stop() {
      state.draining = true;
      await drain(server, streams, options.drainMs ?? drainMsDefault);
      if (audit && audit.mismatches.length > 0) {
        throw new Error(`answers that are not as declared:\n${audit.mismatches.join("\n")}`);
      }
    },
  };
}

function listen(port: number, start: () => Server): Server {
  try {
    return start();
  } catch (error) {
    if ((error as { readonly code?: string }).code === "EADDRINUSE") throw new PortTaken(port);
    throw error;
  }
}

async function drain(server: Server, streams: Streams, drainMs: number): Promise<void> {
  const closed = server.stop(false);
  const until = performance.now() + drainMs;
  while (server.pendingRequests > streams.count && performance.now() < until) await Bun.sleep(5);
  streams.endAll();
  // What was answered a moment ago may still be on its way into the socket.
  while (server.pendingRequests > 0 && performance.now() < until) await Bun.sleep(5);
  await Bun.sleep(5);
  void server.stop(true);
  await closed;
}

// Health, metrics, description

function ownRoutes(
  { rooms, ready, observe, trustProxy = false }: HttpOptions,
  state: { readonly draining: boolean },
): RouteTable {
  const json = (request: Request, status: number, body: unknown) =>
    responseOf({ status, body }, isSecure(request, trustProxy));
  const routes = rooms.map((room) => room.routes);
  return {
    "/healthz": { GET: (request) => json(request, 200, { status: "alive" }) },
    "/readyz": {
      async GET(request) {
        const checks = [
          ...(await readiness(ready)),
          ...(state.draining ? [{ name: "http", ready: false, why: "stopping" }] : []),
        ];
        const all = checks.every((check) => check.ready);
        const waiting = checks.filter((check) => !check.ready).map(({ name }) => name);
        return json(request, all ? 200 : 503, { status: all ? "ready" : "notReady", waitingFor: waiting, checks });
      },
    },
    "/metrics": {
      async GET(request) {
        const headers = { "content-type": observe.metrics.contentType };
        return responseOf(
          { status: 200, raw: true, body: await observe.metrics.text(), headers },
          isSecure(request, trustProxy),
        );
      },
    },
    "/api/openapi.json": {
      GET: prepared(JSON.stringify(openApiDocument(routes)), { "content-type": "application/json" }, trustProxy),
    },
    "/api/docs": { GET: prepared(docsPage(routes), docsHeaders, trustProxy) },
  };
}

const docsHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
};

async function readiness(ready: HttpOptions["ready"]): Promise<readonly Readiness[]> {
  try {
    return await ready();
  } catch {
    return [{ name: "readiness", ready: false, why: "could not be asked" }];
  }
}

/** Bytes made once, and an ETag so that they are sent once. */
function prepared(text: string, headers: Readonly<Record<string, string>>, trustProxy: boolean): RouteFunction {
  const bytes = new TextEncoder().encode(text);
  const etag = `"${Bun.hash(bytes).toString(36)}"`;
  const all = { ...headers, etag, "cache-control": "no-cache" };
  return (request) => {
    const known = request.headers
      .get("if-none-match")
      ?.split(",")
      .some((tag) => tag.trim().replace(/^W\//, "") === etag);
    const reply = known
      ? { status: 304, headers: all }
      : { status: 200, raw: true as const, body: bytes, headers: all };
    return responseOf(reply, isSecure(request, trustProxy));
  };
}

// What no route takes

function createFallback(table: RouteTable, { observe, extra, trustProxy = false }: HttpOptions) {
  const addresses = Object.entries(table).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/:[A-Za-z]\w*/g, "[^/]+")}$`),
    methods: Object.keys(methods),
  }));
  const meters = new Map(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "other"].map((method) => [
      method,
      observe.metrics.requests("gateway-service", method, "(none)"),
    ]),
  );
  return async (request: Request, server: Server): Promise<Response> => {
    const call = new Exchange(request, server, trustProxy);
    const { pathname, search } = new URL(request.url);
    let response: Response;
    try {
      response = (await findAnswer(pathname, search)) ?? refused(refusal("NotFound"));
    } catch (error) {
      observe.logger.error({
        service: "gateway-service",
        traceId: call.traceId,
        action: "mounted",
        message: `${request.method} outside the routes failed`,
        status: "failed",
        error,
      });
      response = refused(refusal("Internal"));
    }
    const meter = meters.get(request.method) ?? meters.get("other")!;
    meter.observe(response.status, (performance.now() - call.startedMs) / 1_000);
    return response;

    function refused(why: Refusal, allow?: string): Response {
      const { language, traceId, secure } = call;
      return problemResponse(why, { language, traceId, secure, ...(allow === undefined ? {} : { allow }) });
    }
    async function findAnswer(path: string, query: string): Promise<Response | null> {
      const methods = [
        ...new Set(addresses.filter(({ pattern }) => pattern.test(path)).flatMap((each) => each.methods)),
      ];
      if (methods.length > 0) {
        const allow = methods.includes("GET") ? [...methods, "HEAD"] : methods;
        return refused(refusal("MethodNotAllowed"), allow.join(", "));
      }
      if (path === "/api" || path.startsWith("/api/")) return null;
      if (query.length > 4_096) return refused(refusal("QueryTooLong"));
      const mounted = extra ? await extra(request, server) : null;
      return mounted && secured(mounted, call.secure);
    }
  };
}

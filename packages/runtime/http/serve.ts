/** The HTTP rim: routes, health, the API's own description, and whatever else is mounted, on one port. */
import { refusal, type RouteSpec } from "@chepiao/contracts";
import { eventStreamsMax } from "@chepiao/kernel";
import { type AnswerAudit, createAnswerAudit } from "./audit.ts";
import { bindRoutes, type Observe, type Room, type RouteFunction, type RouteTable } from "./bind.ts";
import { type Authenticate, isSecure, refusedTo, type Trust } from "./exchange.ts";
import { createFallback, type Mounted } from "./fallback.ts";
import { type Listen, listen, moveIn, type Server, wrapped } from "./listen.ts";
import { type AskReady, descriptionRoutes, type Health, healthPaths, healthRoutes, type Routes } from "./health.ts";
import type { StartupServer } from "./startupServer.ts";
import { type Learned, type PassOn, passedOn } from "./pass.ts";
import type { RequestLimit } from "./requestLimit.ts";
import { declaredRoutes, type Shedding } from "./shedding.ts";
import { createStreams, type Streamed, type Streams } from "./streams.ts";

export type HttpOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostname?: string;
  /** Opens behind this door instead of one of its own. */
  readonly startupServer?: StartupServer;
  readonly rooms: readonly Room[];
  readonly authenticate: Authenticate;
  /** What every request of a room goes through first. */
  readonly around?: (answer: RouteFunction) => RouteFunction;
  /** Routes beside those of the rooms: calls of other processes, requests that are passed on. */
  readonly extraRoutes?: (streamed: Streamed, learned: Learned) => RouteTable;
  /** What the API's description tells of; the rooms where it is left out. */
  readonly described?: readonly Routes[];
  readonly observe: Observe;
  /** What has to be there before requests should come. */
  readonly ready: AskReady;
  /** How much of that is told at this port, and whether its metrics are. Behind a startup server it is as there; elsewhere the status alone. */
  readonly health?: Health;
  /** A port of its own for the details, where this one is public. */
  readonly detailsAt?: { readonly port: number; readonly hostname: string } | undefined;
  /** Asked for what no route takes: the sandbox bank, the web site. Null lets it go to 404. */
  readonly extra?: Mounted;
  readonly trustProxy?: Trust;
  /** How much one asker may ask here; without end where it is left out. */
  readonly limit?: RequestLimit;
  /** What is given up while this process is too busy; nothing where it is left out. Ends with the server. */
  readonly shedding?: Shedding;
  /** Several listen on one port, and the system gives each its share of the connections. */
  readonly reusePort?: boolean;
  /** Opens this socket in the file system, too, for requests that other threads pass on. */
  readonly inner?: string;
  /** Where everything goes that no room here answers, health and description included: we are not the whole house. */
  readonly passOn?: (streamed: Streamed, learned: Learned) => PassOn;
  /** For tests: an answer that is not as declared becomes a 500 and makes `stop` throw. */
  readonly strictAnswers?: boolean | AnswerAudit;
  /** For how long we say that we are leaving before we do, so that nobody is sent here any more. */
  readonly noticeMs?: number;
  /** How many answers may be open that go on for long: event streams, also those that are passed on. */
  readonly streamsMax?: number;
  /** How long answers on their way may take once we stop. */
  readonly drainMs?: number;
};

export type HttpServer = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Where the details are, if at a port of their own. */
  readonly detailsUrl: string | null;
  /** Takes no more, lets answers on their way leave, ends streams, then closes. */
  stop(): Promise<void>;
};

const drainMsDefault = 10_000;

export function serveHttp(options: HttpOptions): HttpServer {
  const { observe, rooms, around, startupServer, limit } = options;
  const trustProxy = options.trustProxy ?? false;
  const authenticate = limit ? limit.learning(options.authenticate) : options.authenticate;
  const learned: Learned = (request, userId) => limit?.learn(request, trustProxy, userId);
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
  const streamed: Streamed = (request, response, mayGoOn) => {
    if (streams.count >= (options.streamsMax ?? eventStreamsMax)) {
      void response.body?.cancel().catch(broke("stream", "a stream broke"));
      return tooManyStreams(request, trustProxy);
    }
    // Quiet is normal for a stream: the idle timeout is for requests that hang.
    holding.server?.timeout(request, 0);
    return streams.hold(response, request.signal, mayGoOn);
  };
  const state = { draining: false };
  const ready: AskReady = async () => [...(await options.ready()), ...(state.draining ? [stopping] : [])];

  const health = startupServer?.health ?? options.health ?? "status";
  const builtInRoutes = (): RouteTable => ({
    ...healthRoutes({ ready, observe, health, trustProxy }),
    ...descriptionRoutes(options.described ?? rooms.map(({ routes }) => routes), trustProxy),
  });
  const bound = bindRoutes(rooms, { authenticate, observe, trustProxy, audit, streamed });
  const passOn = options.passOn?.(streamed, learned);
  const declared = [...rooms.map(({ routes }) => routes), ...(options.described ?? [])];
  const counting = { observe, trustProxy, uncounted: uncountedIn(declared), declared: declaredRoutes(declared) };
  const table: RouteTable = {
    ...(passOn && uncountedRoutes(declared, passOn)),
    ...(around ? wrapped(bound, around) : bound),
    ...options.extraRoutes?.(streamed, learned),
    ...(options.passOn ? {} : builtInRoutes()),
  };
  const fetch: Listen["fetch"] = passOn ?? createFallback(table, options);
  const unanswered = broke("serve", "unanswered");
  const house: Listen = {
    port: options.port,
    hostname: options.hostname,
    reusePort: options.reusePort,
    ...shed(limited({ routes: table, fetch })),
    observe,
    error(error) {
      unanswered(error);
      return new Response(null, { status: 500 });
    },
  };
  using opening = new DisposableStack();
  const details = options.detailsAt ? listen(detailsOf({ ...options.detailsAt, ready, observe })) : null;
  // Where the public port is taken, this one is given back.
  if (details) opening.defer(() => void details.stop(true));
  const server = startupServer ? moveIn(startupServer.server, house) : listen(house);
  holding.server = server;
  const inner =
    options.inner === undefined
      ? []
      : [listen(insideOf({ ...house, ...shed({ routes: ruled(table), fetch }) }, options.inner))];
  opening.move();

  function limited(answers: Pick<Listen, "routes" | "fetch">): Pick<Listen, "routes" | "fetch"> {
    if (!limit) return answers;
    return { routes: limit.around(answers.routes, counting), fetch: limit.counted(answers.fetch, counting) };
  }
  function shed(answers: Pick<Listen, "routes" | "fetch">): Pick<Listen, "routes" | "fetch"> {
    const { shedding } = options;
    return shedding ? { ...answers, routes: shedding.around(answers.routes, counting) } : answers;
  }
  /** Another thread has counted what it passes on, and does not know whose route it is. */
  function ruled(routes: RouteTable): RouteTable {
    return limit ? limit.byRules(routes, counting) : routes;
  }
  return {
    url: urlOf(server, options.hostname),
    port: server.port!,
    detailsUrl: details && urlOf(details, options.detailsAt!.hostname),
    async stop() {
      state.draining = true;
      if (options.noticeMs) await Bun.sleep(options.noticeMs);
      await drain([server, ...inner], streams, options.drainMs ?? drainMsDefault);
      await details?.stop(true);
      options.shedding?.[Symbol.dispose]();
      if (audit && audit.mismatches.length > 0) {
        throw new Error(`answers that are not as declared:\n${audit.mismatches.join("\n")}`);
      }
    },
  };
}

/** A load balancer asks after our health as often as it likes. */
const healthWays = healthPaths.map((path) => ({ method: "GET", path }) as const);
const uncountedWays = (declared: readonly Routes[]): readonly Pick<RouteSpec, "method" | "path">[] => [
  ...healthWays,
  ...declared.flatMap((routes) => Object.values(routes).filter(({ uncounted }) => uncounted)),
];
const uncountedIn = (declared: readonly Routes[]): ReadonlySet<string> =>
  new Set(uncountedWays(declared).map(({ path }) => path));

/** What is not counted, as routes of their own also where another thread answers them: all else is counted before it is passed on. */
const uncountedRoutes = (declared: readonly Routes[], passOn: RouteFunction): RouteTable =>
  Object.fromEntries(
    [...Map.groupBy(uncountedWays(declared), ({ path }) => path)].map(([path, ways]) => [
      path,
      Object.fromEntries(ways.map(({ method }) => [method, passOn])),
    ]),
  );

/** Each stream costs a look every few seconds for as long as it is open: those who are here keep theirs, others come again. */
const tooManyStreams = (request: Request, trustProxy: Trust): Response =>
  refusedTo(request, refusal("Overloaded", { retryAfterSeconds: 5 }), isSecure(request, trustProxy));
const urlOf = ({ hostname, port }: Server, asked = "0.0.0.0"): string =>
  `http://${asked === "0.0.0.0" ? "localhost" : hostname}:${port}`;

const stopping = { name: "http", ready: false, why: "stopping" } as const;

/** Health and metrics alone, for those inside. */
function detailsOf(options: Pick<Listen, "port" | "hostname" | "observe"> & { readonly ready: AskReady }): Listen {
  const routes = healthRoutes({ ...options, health: "details" });
  return { ...options, routes, fetch: createFallback(routes, options) };
}

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

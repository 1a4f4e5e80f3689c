/** What no route takes: 405 where the address exists, whatever is mounted beside the routes, and 404 otherwise. */
import { type Refusal, refusal, ServiceUnavailable } from "@chepiao/contracts";
import { queryBytesMax } from "@chepiao/kernel";
import type { Observe, RouteTable } from "./bind.ts";
import { Exchange, type ServerSeen } from "./exchange.ts";
import { problemResponse, secured } from "./replies.ts";

export type Mounted = (request: Request, server: ServerSeen) => Response | Promise<Response | null> | null;

type FallbackDeps = { readonly observe: Observe; readonly extra?: Mounted; readonly trustProxy?: boolean };

export function createFallback(table: RouteTable, { observe, extra, trustProxy = false }: FallbackDeps) {
  const addresses = Object.entries(table).map(([path, methods]) => ({
    pattern: patternOf(path),
    methods: Object.keys(methods),
  }));
  const meters = new Map(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "other"].map((method) => [
      method,
      observe.metrics.requests("gateway-service", method, "(none)"),
    ]),
  );
  return async (request: Request, server: ServerSeen): Promise<Response> => {
    const call = new Exchange(request, server, trustProxy);
    const { pathname, search } = new URL(request.url);
    let response: Response;
    try {
      response = (await findAnswer(pathname, search)) ?? refused(refusal("NotFound"));
    } catch (error) {
      response = refused(error instanceof ServiceUnavailable ? error.refusal : broken(call, error));
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
      if (query.length > queryBytesMax) return refused(refusal("QueryTooLong"));
      const mounted = extra ? await extra(request, server) : null;
      return mounted && secured(mounted, call.secure);
    }
  };

  function broken({ request, traceId }: Exchange, error: unknown): Refusal {
    observe.logger.error({
      service: "gateway-service",
      traceId,
      action: "mounted",
      message: `${request.method} outside the routes failed`,
      status: "failed",
      error,
    });
    return refusal("Internal");
  }
}

/** `:name` is one part of a path, `*` all that is left of it. */
function patternOf(path: string): RegExp {
  const literal = path.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll(/:[A-Za-z]\w*/g, "[^/]+").replaceAll("*", ".*")}$`);
}

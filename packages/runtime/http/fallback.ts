/** What no route takes: 405 where the address exists, whatever is mounted beside the routes, and 404 otherwise. */
import { type Refusal, refusal, ServiceUnavailable } from "@chepiao/contracts";
import { bodyBytesMax, queryBytesMax } from "@chepiao/kernel";
import type { Observe, RouteTable } from "./bind.ts";
import { withBoundedBody } from "./body.ts";
import { Exchange, type ServerSeen, type Trust } from "./exchange.ts";
import { createMeters } from "./meters.ts";
import { patternOf } from "./pattern.ts";
import { clientClosedRequest, problemResponse, secured } from "./replies.ts";

/** What is mounted beside the routes. The body that it is handed is no longer than one of a route may be. */
export type Mounted = (request: Request, server: ServerSeen) => Response | Promise<Response | null> | null;

type FallbackDeps = { readonly observe: Observe; readonly extra?: Mounted; readonly trustProxy?: Trust };

export function createFallback(table: RouteTable, { observe, extra, trustProxy = false }: FallbackDeps) {
  const addresses = Object.entries(table).map(([path, methods]) => ({
    pattern: patternOf(path),
    methods: Object.keys(methods),
  }));
  const meterOf = createMeters(observe.metrics, "(none)");
  return async (request: Request, server: ServerSeen): Promise<Response> => {
    const call = new Exchange(request, server, trustProxy);
    const { pathname, search } = new URL(request.url);
    let response: Response;
    try {
      response = (await findAnswer(pathname, search)) ?? refused(refusal("NotFound"));
    } catch (error) {
      // A client that hangs up in the middle of its body hears no answer, and is no failure of ours.
      if (request.signal.aborted) response = new Response(null, { status: clientClosedRequest });
      else response = refused(error instanceof ServiceUnavailable ? error.refusal : broken(call, error));
    }
    meterOf(request.method).observe(response.status, (performance.now() - call.startedMs) / 1_000);
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
      if (!extra) return null;
      const bounded = await withBoundedBody(request, bodyBytesMax);
      if (bounded === null) return refused(refusal("BodyTooLarge"));
      const mounted = await extra(bounded, { requestIP: () => server.requestIP(request) });
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

/**
 * What every server answers for itself: that it lives, whether it is ready, and the description of its routes. What it waits for and
 * why, and its metrics, are told inside alone: they name engines with their addresses, and say what is sold by the second.
 */
import type { RouteSpec } from "@chepiao/contracts";
import type { Observe, RouteFunction, RouteTable } from "./bind.ts";
import { docsPage } from "./docs.ts";
import { isSecure, type Trust } from "./exchange.ts";
import { openApiDocument } from "./openapi.ts";
import { responseOf } from "./replies.ts";

export type Readiness = {
  readonly name: string;
  readonly ready: boolean;
  readonly why?: string;
  /** Told, but no reason to send requests elsewhere: it is missing there, too, or only some of them need it. */
  readonly optional?: true;
};
export type AskReady = () => readonly Readiness[] | Promise<readonly Readiness[]>;

export type Routes = Readonly<Record<string, RouteSpec>>;

/** `status`: whether it is ready, for every client. `details`: all of it, for those inside. */
export type Health = "status" | "details";

export const healthPaths = ["/healthz", "/readyz", "/metrics"] as const;

type HealthDeps = {
  readonly ready: AskReady;
  readonly observe: Observe;
  readonly health: Health;
  readonly trustProxy?: Trust;
};

export function healthRoutes({ ready, observe, health, trustProxy = false }: HealthDeps): RouteTable {
  const json = (request: Request, status: number, body: unknown) =>
    responseOf({ status, body }, isSecure(request, trustProxy));
  return {
    "/healthz": { GET: (request) => json(request, 200, { status: "alive" }) },
    "/readyz": {
      async GET(request) {
        const checks = await readiness(ready);
        const all = checks.every((check) => check.ready || check.optional);
        const status = all ? "ready" : "notReady";
        if (health === "status") return json(request, all ? 200 : 503, { status });
        const waitingFor = checks.filter((check) => !check.ready).map(({ name }) => name);
        return json(request, all ? 200 : 503, { status, waitingFor, checks });
      },
    },
    ...(health === "details" ? { "/metrics": { GET: metricsPage } } : {}),
  };

  async function metricsPage(request: Request): Promise<Response> {
    const headers = { "content-type": observe.metrics.contentType };
    const body = await observe.metrics.text();
    return responseOf({ status: 200, raw: true, body, headers }, isSecure(request, trustProxy));
  }
}

async function readiness(ready: AskReady): Promise<readonly Readiness[]> {
  try {
    return await ready();
  } catch {
    return [{ name: "readiness", ready: false, why: "could not be asked" }];
  }
}

export const descriptionRoutes = (routes: readonly Routes[], trustProxy: Trust): RouteTable => ({
  "/api/openapi.json": {
    GET: prepared(JSON.stringify(openApiDocument(routes)), { "content-type": "application/json" }, trustProxy),
  },
  "/api/docs": { GET: prepared(docsPage(routes), docsHeaders, trustProxy) },
});

const docsHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
};

/** Bytes made once, and an ETag so that they are sent once. */
function prepared(text: string, headers: Readonly<Record<string, string>>, trustProxy: Trust): RouteFunction {
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

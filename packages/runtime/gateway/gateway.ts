/**
 * The public listener of a platform in many processes: each public route leads to the role that owns it, by the route tables
 * themselves. It knows addresses and nothing of what they mean.
 */
import type { Method } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";
import { type ReplicasDeps, createReplicas } from "../bus/replicas.ts";
import type { Signer } from "../bus/signature.ts";
import type { Observe, RouteFunction, RouteTable } from "../http/bind.ts";
import { patternOf } from "../http/pattern.ts";
import type { Routes } from "../http/health.ts";
import type { Learned } from "../http/pass.ts";
import type { Streamed } from "../http/streams.ts";
import { createForward, type Door, type Forward, type ForwardDeps } from "./forward.ts";

export type GatewayRole = Pick<ReplicasDeps, "role" | "addresses"> & {
  readonly routes: readonly Routes[];
  /** Pages of its own beside the routes, with all below them: `/sandbox/pay/*`. */
  readonly pages?: readonly `/${string}/*`[];
};

export type GatewayDeps = Pick<ForwardDeps, "trustProxy" | "answerWithinMs"> & {
  readonly signerOf: (role: string) => Signer;
  readonly roles: readonly GatewayRole[];
  readonly observe: Observe;
  readonly breakerSettings?: ReplicasDeps["breakerSettings"];
};

const service = "gateway-service";
const pageMethods: readonly Method[] = ["GET", "POST"];

/** For `serveHttp({ extraRoutes })`. */
export const createGateway =
  (deps: GatewayDeps) =>
  (streamed: Streamed, learned: Learned): RouteTable => {
    const { observe, breakerSettings } = deps;
    const table: RouteTable = {};

    function open(forward: Forward, method: Method, path: string, repeatable: boolean) {
      const methods = (table[path] ??= {});
      assert(methods[method] === undefined, `${method} ${path} has one owner`);
      const door: Door = { pattern: patternOf(path), repeatable };
      const meter = observe.metrics.requests(service, method, path);
      const answer: RouteFunction = async (request, server) => {
        const startedMs = performance.now();
        const response = await forward(request, server, door);
        meter.observe(response.status, (performance.now() - startedMs) / 1_000);
        return response;
      };
      methods[method] = answer;
    }

    for (const { role, addresses, routes, pages = [] } of deps.roles) {
      const replicas = createReplicas({ role, addresses, breakerSettings, service, logger: observe.logger });
      const forward = createForward({ ...deps, sign: deps.signerOf(role), replicas, streamed, learned });
      for (const { method, path, idempotent } of routes.flatMap((each) => Object.values(each))) {
        // By HTTP everything but POST may be repeated (RFC 9110, 9.2.2), and so may what carries a key that tells its repetition.
        open(forward, method, path, method !== "POST" || idempotent === true);
      }
      for (const path of pages) for (const method of pageMethods) open(forward, method, path, method === "GET");
    }
    return table;
  };

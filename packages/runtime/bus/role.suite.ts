/** A role behind a real socket, for the tests of calls between processes: it can be slow, broken, gone, or answer nonsense. */
import type { CallSpec } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import Type from "typebox";
import { createLogger, createMetrics, type LogLevel } from "../observe/index.ts";
import { type Answering, bindCalls } from "./answer.ts";
import { type CallerDeps, createCaller } from "./caller.ts";
import {
  createGuard,
  createSigner,
  digestOf,
  type Guard,
  type GuardDeps,
  insideHeader,
  type Signer,
} from "./signature.ts";

export const secret = "known inside";
const label = "tests calls echo";
const clock = { now: () => epochMs(Date.now()) };

/** Signs as whoever may call; with another secret, or at another time, as one who may not. */
export const signerWith = (over: Partial<Parameters<typeof createSigner>[0]> = {}): Signer =>
  createSigner({ label, secret, clock, ...over });
/** Takes what is signed by those. */
export const guardOf = (over: Partial<GuardDeps> = {}): Guard =>
  createGuard({ labels: [label], secretOf: () => secret, withHeaders: false, clock, ...over });

const Text = Type.Object({ text: Type.String() });
const spec = { room: "echo", ask: Text, answer: Text, timeoutMs: 250 } as const;
export const echoCalls = {
  /** May be made twice. */
  repeatable: { ...spec, path: "/internal/echo/repeatable", idempotent: true },
  once: { ...spec, path: "/internal/echo/once", idempotent: false },
} as const satisfies Record<string, CallSpec>;

export function observeLines(level: LogLevel = "debug") {
  const lines: string[] = [];
  const logger = createLogger({ level, write: (line) => void lines.push(line) });
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { observe: { logger, metrics: createMetrics() }, entries };
}

export type Asked = { readonly path: string; readonly headers: Headers; readonly port: number };

/** Serves those rooms, or whatever `instead` answers, and notes who came. */
export function serveRole(
  rooms: readonly Answering[],
  instead?: (asked: number) => Promise<Response | null> | Response | null,
) {
  const asked: Asked[] = [];
  const { observe, entries } = observeLines();
  const guard = guardOf();
  const table = bindCalls(rooms, () => guard, observe);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    async fetch(request, own) {
      const path = new URL(request.url).pathname;
      asked.push({ path, headers: request.headers, port: own.requestIP(request)!.port });
      const other = await instead?.(asked.length);
      if (other) return other;
      const bound = table[path]?.POST;
      return bound ? bound(Object.assign(request, { params: {} }), own) : new Response(null, { status: 404 });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, asked, entries, stop: () => server.stop(true) };
}

/** What somebody who may call sends along with that body. */
export const signedFor = (path: string, body: string, sign = signerWith()): Record<string, string> => ({
  [insideHeader]: sign({ method: "POST", target: path, headers: null, digest: digestOf(body) }),
});

/** What a gateway sends along, besides those headers. */
export const passedFor = (
  sign: Signer,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Record<string, string> => ({
  [insideHeader]: sign({ method, target, headers: new Headers(headers), digest: digestOf(body) }),
});

/** An address at which nobody listens. */
export async function nobody(): Promise<string> {
  const probe = serveRole([]);
  await probe.stop();
  return probe.url;
}

export function callerOf(addresses: readonly string[], over: Partial<CallerDeps> = {}) {
  const { observe, entries } = observeLines();
  const seconds = { observe: () => {} };
  return {
    ...createCaller({ role: "echo", addresses, sign: signerWith(), logger: observe.logger, seconds, ...over }),
    entries,
  };
}

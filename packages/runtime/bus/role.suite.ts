/** A role behind a real socket, for the tests of calls between processes: it can be slow, broken, gone, or answer nonsense. */
import type { CallSpec } from "@chepiao/contracts";
import Type from "typebox";
import { createLogger, createMetrics, type LogLevel } from "../observe/index.ts";
import { type Answering, bindCalls } from "./answer.ts";
import { type CallerDeps, createCaller } from "./caller.ts";

export const secret = "known inside";

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
  const table = bindCalls(rooms, secret, observe);
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

/** An address at which nobody listens. */
export async function nobody(): Promise<string> {
  const probe = serveRole([]);
  await probe.stop();
  return probe.url;
}

export function callerOf(addresses: readonly string[], over: Partial<CallerDeps> = {}) {
  const { observe, entries } = observeLines();
  const seconds = { observe: () => {} };
  return { ...createCaller({ role: "echo", addresses, secret, logger: observe.logger, seconds, ...over }), entries };
}

/**
 * Which trace the work at hand belongs to (W3C Trace Context). A process that serves others runs each request inside its trace, so
 * that what it asks of the next process carries it on. Work done for many requests at once goes on in the trace of the first.
 *
 * Nothing is stored where nobody asks for it: the platform in one process does not pay for this.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomHex, traceIdOf } from "../http/exchange.ts";

export type Trace = {
  readonly traceId: string;
  /** The caller's span, or our own where the trace begins here. */
  readonly spanId: string;
  /** Two hexadecimal digits, as the caller sent them. */
  readonly flags: string;
  /** Other tracers' own data: passed on as it came. */
  readonly state: string | null;
};

const traces = new AsyncLocalStorage<Trace>();

export const currentTrace = (): Trace | null => traces.getStore() ?? null;

export const inTrace = <T>(trace: Trace, work: () => T): T => traces.run(trace, work);

const form = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/;

/** The trace that a request belongs to; a new one where it names none. */
export function traceOf(headers: Headers): Trace {
  const parent = headers.get("traceparent");
  const traceId = traceIdOf(parent);
  const match = parent === null ? null : form.exec(parent);
  if (match?.[1] !== traceId) return { traceId, spanId: randomHex(8), flags: "00", state: null };
  return { traceId, spanId: match[2]!, flags: match[3]!, state: headers.get("tracestate") };
}

/** A step of our own in that trace, or the first of a new one. */
export const nextSpan = (trace: Trace | null): Trace =>
  trace === null
    ? { traceId: randomHex(16), spanId: randomHex(8), flags: "00", state: null }
    : { ...trace, spanId: randomHex(8) };

export const traceparent = ({ traceId, spanId, flags }: Trace): string => `00-${traceId}-${spanId}-${flags}`;

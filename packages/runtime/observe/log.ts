/**
 * JSON log lines in the field names of the design document (§11.2.2): timestamp, level, service, traceId, spanId, userId, action,
 * message, orderId, duration, status. Everything that is not one of those goes into `details`, and a failure into `error`.
 */
import pino from "pino";
import { scrub, scrubText } from "./redact.ts";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogEntry = {
  /** `order-service`: the room that speaks. */
  readonly service: string;
  readonly message: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly userId?: number;
  readonly action?: string;
  readonly orderId?: string;
  /** Milliseconds. */
  readonly duration?: number;
  readonly status?: "success" | "refused" | "failed";
  /** Anything else worth knowing; cleaned by name and by look before it is written. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
};

export type Logger = {
  /** Is this level written at all? Lets a hot path skip making the entry. */
  writes(level: Exclude<LogLevel, "silent">): boolean;
  debug(entry: LogEntry): void;
  info(entry: LogEntry): void;
  warn(entry: LogEntry): void;
  error(entry: LogEntry): void;
};

export const serviceOf = (room: string): string => `${room}-service`;

export type LoggerDeps = {
  readonly level: LogLevel;
  /** Gets one line with its line feed. */
  readonly write: (line: string) => void;
};

export function createLogger({ level, write }: LoggerDeps): Logger {
  const out = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    { write },
  );
  return {
    writes: (asked) => out.isLevelEnabled(asked),
    debug: (entry) => out.isLevelEnabled("debug") && out.debug(fieldsOf(entry)),
    info: (entry) => out.isLevelEnabled("info") && out.info(fieldsOf(entry)),
    warn: (entry) => out.isLevelEnabled("warn") && out.warn(fieldsOf(entry)),
    error: (entry) => out.isLevelEnabled("error") && out.error(fieldsOf(entry)),
  };
}

/** In the document's order. Absent fields are left out; unknown ones cannot be written. */
function fieldsOf(entry: LogEntry): Record<string, unknown> {
  const fields: Record<string, unknown> = { service: entry.service };
  if (entry.traceId !== undefined) fields["traceId"] = entry.traceId;
  if (entry.spanId !== undefined) fields["spanId"] = entry.spanId;
  if (entry.userId !== undefined) fields["userId"] = entry.userId;
  if (entry.action !== undefined) fields["action"] = entry.action;
  fields["message"] = scrubText(entry.message);
  if (entry.orderId !== undefined) fields["orderId"] = entry.orderId;
  if (entry.duration !== undefined) fields["duration"] = entry.duration;
  if (entry.status !== undefined) fields["status"] = entry.status;
  if (entry.details !== undefined) fields["details"] = scrub(entry.details);
  if (entry.error !== undefined) fields["error"] = scrub(entry.error);
  return fields;
}

export type LogSink = { readonly write: (line: string) => void; readonly flush: () => void };

/**
 * Gathers lines and hands them on in one piece: a system call a line would cost a busy server more than the line itself.
 * Lines wait at most `delayMs`; `flush` before the process ends.
 */
export function createLogSink(writeOut: (text: string) => void, delayMs = 50, charsMax = 64 * 1024): LogSink {
  let gathered: string[] = [];
  let chars = 0;
  let timer: Timer | null = null;
  const flush = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (gathered.length === 0) return;
    const text = gathered.join("");
    gathered = [];
    chars = 0;
    writeOut(text);
  };
  return {
    write(line) {
      gathered.push(line);
      chars += line.length;
      if (chars >= charsMax) flush();
      else timer ??= setTimeout(flush, delayMs);
    },
    flush,
  };
}

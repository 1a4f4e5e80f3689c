export {
  createLogger,
  createLogSink,
  type LogEntry,
  type Logger,
  type LoggerDeps,
  type LogLevel,
  logLevels,
  type LogSink,
  serviceOf,
} from "./log.ts";
export { createMetrics, type Labels, type Metrics, type RequestMeter, type Sample, type Values } from "./metrics.ts";
export { scrub, scrubText } from "./redact.ts";

/** Counts requests that no route of ours has a meter for, by a fixed list of methods: what callers make up makes no new series. */
import type { Metrics, RequestMeter } from "../observe/index.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

export function createMeters(metrics: Metrics, route: string): (method: string) => RequestMeter {
  const meterOf = (method: string) => metrics.requests("gateway-service", method, route);
  const meters = new Map(methods.map((method) => [method, meterOf(method)]));
  const other = meterOf("other");
  return (method) => meters.get(method) ?? other;
}

/** How much one address or account may ask at the public listener, and where it is told that one asks more. */
import { truncatedAddress } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import {
  createRequestLimit,
  createShedding,
  type Logger,
  type Observe,
  type RequestLimit,
  type RouteRules,
  type Shedding,
} from "@chepiao/runtime";
import type { Config } from "../config.ts";

type LimitOptions = {
  readonly config: Pick<Config, "requestsPerAddressSecond" | "requestsPerAccountSecond">;
  readonly clock: Pick<Clock, "now">;
  readonly securityEvents: Pick<SecurityEvents, "append">;
  readonly report: (message: string, error: unknown) => void;
  /** Those that operators have set for routes. */
  readonly rules: RouteRules;
  readonly metrics: Pick<Observe["metrics"], "counter">;
};

export function requestLimitOf({ config, clock, securityEvents, report, rules, metrics }: LimitOptions): RequestLimit {
  const forgotten = metrics.counter(
    "request_limit_forgotten_total",
    "How often askers were forgotten before their time, because there were too many to keep apart.",
    ["who"],
  );
  return createRequestLimit({
    addressPerSecond: config.requestsPerAddressSecond,
    accountPerSecond: config.requestsPerAccountSecond,
    rules,
    forgotten: (who) => forgotten.add(1, { who }),
    now: () => performance.now(),
    told({ clientAddress, userId, traceId }) {
      const event = {
        timestamp: clock.now(),
        level: "WARN",
        service: "gateway-service",
        traceId,
        userId,
        action: "throttle",
        message: "throttle refused: TooManyRequests",
        status: "refused",
        reason: "TooManyRequests",
        nameHash: null,
        address: truncatedAddress(clientAddress),
      } as const;
      securityEvents.append([event]).catch((error: unknown) => report("a security event could not be written", error));
    },
  });
}

/** What a public listener gives up while its process is too busy. */
export const sheddingOf = (
  { shedAfterMs }: Pick<Config, "shedAfterMs">,
  observe: Observe,
): { readonly shedding?: Shedding } =>
  shedAfterMs === null ? {} : { shedding: createShedding({ lateMs: shedAfterMs, observe }) };

/** A gateway has no database: its security events are lines of its log, in the same fields. */
export const securityEventsInLog = (logger: Logger): Pick<SecurityEvents, "append"> => ({
  async append(events) {
    for (const { service, traceId, userId, action, message, status, address } of events)
      logger.warn({
        service,
        message: `${message} from ${address ?? "unknown"}`,
        action,
        status,
        ...(traceId === null ? {} : { traceId }),
        ...(userId === null ? {} : { userId }),
      });
  },
});

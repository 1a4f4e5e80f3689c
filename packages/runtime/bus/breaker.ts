/** The circuit breaker of one process that is asked: opens when too many calls to it are not answered, and tries again with one. */
import { secondMs } from "@chepiao/kernel";
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CountBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleType,
} from "cockatiel";

/** No answer, or none that can be used: the replica may be gone, hung or broken. What was asked may have been done. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";
}

export type BreakerSettings = {
  /** A replica's breaker opens once more than this share of its last calls was not answered. Design document 6.4.1. */
  readonly failedShareMax: number;
  readonly callsMin: number;
  readonly callsSeen: number;
  /**
   * For how long at first, and at most. The document's ten seconds would be longer than a fault may last here; of a second's wait nobody
   * hears much, and one call a second is no burden on a replica that is starting.
   */
  readonly openFirstMs: number;
  readonly openLastMs: number;
};

export const breakerDefaults: BreakerSettings = {
  failedShareMax: 0.5,
  callsMin: 5,
  callsSeen: 20,
  openFirstMs: secondMs / 2,
  openLastMs: secondMs,
};

export const createBreaker = (breakerSettings: BreakerSettings): CircuitBreakerPolicy =>
  circuitBreaker(handleType(NotAnswered), {
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: breakerSettings.openFirstMs,
      maxDelay: breakerSettings.openLastMs,
      generator: halfJitterGenerator,
    }),
    breaker: new CountBreaker({
      threshold: breakerSettings.failedShareMax,
      size: breakerSettings.callsSeen,
      minimumNumberOfCalls: breakerSettings.callsMin,
    }),
  });

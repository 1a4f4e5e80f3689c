/**
 * The copies of one role, as its callers see them: asked in turn, and left alone for a while where nobody answers. A copy that is
 * left alone is tried with one call when its time is up (half-open); until that one is answered, all others go elsewhere or fail
 * at once, because a caller that waits holds up its own callers.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { assert, secondMs } from "@chepiao/kernel";
import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  CountBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleType,
} from "cockatiel";
import type { Logger } from "../observe/index.ts";

/** No answer, or none that can be used: the copy may be gone, hung or broken. What was asked may have been done. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";
}

export type Patience = {
  /** A copy is left alone once more than this share of its last calls was not answered. Design document 6.4.1. */
  readonly failedShareMax: number;
  readonly callsMin: number;
  readonly callsSeen: number;
  /**
   * For how long at first, and at most. The document's ten seconds would be longer than a fault may last here; of a second's wait nobody
   * hears much, and one call a second is no burden on a copy that is starting.
   */
  readonly aloneFirstMs: number;
  readonly aloneLastMs: number;
};

export const patienceDefault: Patience = {
  failedShareMax: 0.5,
  callsMin: 5,
  callsSeen: 20,
  aloneFirstMs: secondMs / 2,
  aloneLastMs: secondMs,
};

export type CopiesDeps = {
  readonly role: string;
  /** `http://host:port`, one or several; a name may stand for several copies too. */
  readonly addresses: readonly string[];
  readonly patience?: Partial<Patience> | undefined;
  /** Who asks, as the log names it, and where it is told when a copy is left alone and when it is asked again. */
  readonly service: string;
  readonly logger: Logger;
};

export type Copies = {
  readonly role: string;
  readonly addresses: readonly string[];
  /** Runs `work` with the copy whose turn it is. `NotAnswered` counts against that copy. */
  ask<T>(work: (address: string) => Promise<T>): Promise<T>;
  /** Those left alone now. */
  alone(): readonly string[];
};

export function createCopies({ role, addresses, patience, service, logger }: CopiesDeps): Copies {
  assert(addresses.length > 0, `somebody answers for ${role}`);
  const settings = { ...patienceDefault, ...patience };
  const copies = addresses.map((address) => ({ address, breaker: createBreaker(settings) }));
  for (const { address, breaker } of copies) {
    const tell = (level: "warn" | "info", what: string) =>
      logger[level]({ service, action: "breaker", message: `${role} at ${address} ${what}` });
    breaker.onBreak(() => tell("warn", "does not answer: left alone for a moment"));
    breaker.onReset(() => tell("info", "answers again"));
  }
  const retryAfterSeconds = Math.ceil(settings.aloneFirstMs / secondMs);
  let turn = 0;

  return {
    role,
    addresses,
    async ask(work) {
      const first = turn++ % copies.length;
      for (let n = 0; n < copies.length; n++) {
        const { address, breaker } = copies[(first + n) % copies.length]!;
        if (breaker.state === CircuitState.HalfOpen) continue;
        try {
          return await breaker.execute(() => work(address));
        } catch (error) {
          if (!(error instanceof BrokenCircuitError)) throw error;
        }
      }
      throw new ServiceUnavailable(role, "nobody answered of late, so nobody is asked for a moment", retryAfterSeconds);
    },
    alone: () => copies.filter(({ breaker }) => breaker.state !== CircuitState.Closed).map(({ address }) => address),
  };
}

const createBreaker = (patience: Patience): CircuitBreakerPolicy =>
  circuitBreaker(handleType(NotAnswered), {
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: patience.aloneFirstMs,
      maxDelay: patience.aloneLastMs,
      generator: halfJitterGenerator,
    }),
    breaker: new CountBreaker({
      threshold: patience.failedShareMax,
      size: patience.callsSeen,
      minimumNumberOfCalls: patience.callsMin,
    }),
  });

/**
 * The replicas of one role, as its callers see them: asked in turn, and left alone for a while where none answers. A replica that is
 * left alone is tried with one call when its time is up (half-open); until that one is answered, all others go elsewhere or fail
 * at once, because a caller that waits holds up its own callers. Each call has breakers of its own.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { assert, secondMs } from "@chepiao/kernel";
import { BrokenCircuitError, type CircuitBreakerPolicy, CircuitState } from "cockatiel";
import type { Logger } from "../observe/index.ts";
import { createBreaker, type BreakerSettings, breakerDefaults } from "./breaker.ts";

export type ReplicasDeps = {
  readonly role: string;
  /** `http://host:port`, one or several; a name may stand for several replicas too. */
  readonly addresses: readonly string[];
  readonly breakerSettings?: Partial<BreakerSettings> | undefined;
  /** Who asks, as the log names it, and where it is told when a replica's breaker opens and when it closes. */
  readonly service: string;
  readonly logger: Logger;
};

export type Replicas = {
  readonly role: string;
  readonly addresses: readonly string[];
  /** Runs `work` with the replica whose turn it is. `NotAnswered` counts against that replica, for calls of that name alone. */
  ask<T>(call: string, work: (address: string) => Promise<T>): Promise<T>;
  /** Those of which some breaker is open now. */
  open(): readonly string[];
};

export function createReplicas({ role, addresses, breakerSettings, service, logger }: ReplicasDeps): Replicas {
  assert(addresses.length > 0, `somebody answers for ${role}`);
  const settings = { ...breakerDefaults, ...breakerSettings };
  /** A replica that cannot do one thing, because an engine has a part of it away, does the others. */
  const replicas = addresses.map((address) => ({ address, breakers: new Map<string, CircuitBreakerPolicy>() }));
  type Replica = (typeof replicas)[number];

  function breakerOf({ address, breakers }: Replica, call: string): CircuitBreakerPolicy {
    const known = breakers.get(call);
    if (known) return known;
    const breaker = createBreaker(settings);
    breakers.set(call, breaker);
    const tell = (level: "warn" | "info", what: string) =>
      logger[level]({ service, action: "breaker", message: `${role} at ${address} ${what}` });
    breaker.onBreak(() => tell("warn", `does not answer ${call}: left alone for a moment`));
    breaker.onReset(() => tell("info", `answers ${call} again`));
    return breaker;
  }
  const retryAfterSeconds = Math.ceil(settings.openFirstMs / secondMs);
  let turn = 0;
  const isOpen = ({ breakers }: Replica) => [...breakers.values()].some(({ state }) => state !== CircuitState.Closed);

  return {
    role,
    addresses,
    async ask(call, work) {
      const first = turn++ % replicas.length;
      for (let n = 0; n < replicas.length; n++) {
        const replica = replicas[(first + n) % replicas.length]!;
        const breaker = breakerOf(replica, call);
        if (breaker.state === CircuitState.HalfOpen) continue;
        try {
          return await breaker.execute(() => work(replica.address));
        } catch (error) {
          if (!(error instanceof BrokenCircuitError)) throw error;
        }
      }
      throw new ServiceUnavailable(role, "nobody answered of late, so nobody is asked for a moment", retryAfterSeconds);
    },
    open: () => replicas.filter(isOpen).map(({ address }) => address),
  };
}

/**
 * The replicas of one role, as its callers see them: asked in turn, and left alone for a while where none answers. A replica that is
 * left alone is tried with one call when its time is up (half-open); until that one is answered, all others go elsewhere or fail
 * at once, because a caller that waits holds up its own callers.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { assert, secondMs } from "@chepiao/kernel";
import { BrokenCircuitError, CircuitState } from "cockatiel";
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
  /** Runs `work` with the replica whose turn it is. `NotAnswered` counts against that replica. */
  ask<T>(work: (address: string) => Promise<T>): Promise<T>;
  /** Those whose breakers are open now. */
  open(): readonly string[];
};

export function createReplicas({ role, addresses, breakerSettings, service, logger }: ReplicasDeps): Replicas {
  assert(addresses.length > 0, `somebody answers for ${role}`);
  const settings = { ...breakerDefaults, ...breakerSettings };
  const replicas = addresses.map((address) => ({ address, breaker: createBreaker(settings) }));
  for (const { address, breaker } of replicas) {
    const tell = (level: "warn" | "info", what: string) =>
      logger[level]({ service, action: "breaker", message: `${role} at ${address} ${what}` });
    breaker.onBreak(() => tell("warn", "does not answer: left alone for a moment"));
    breaker.onReset(() => tell("info", "answers again"));
  }
  const retryAfterSeconds = Math.ceil(settings.openFirstMs / secondMs);
  let turn = 0;

  return {
    role,
    addresses,
    async ask(work) {
      const first = turn++ % replicas.length;
      for (let n = 0; n < replicas.length; n++) {
        const { address, breaker } = replicas[(first + n) % replicas.length]!;
        if (breaker.state === CircuitState.HalfOpen) continue;
        try {
          return await breaker.execute(() => work(address));
        } catch (error) {
          if (!(error instanceof BrokenCircuitError)) throw error;
        }
      }
      throw new ServiceUnavailable(role, "nobody answered of late, so nobody is asked for a moment", retryAfterSeconds);
    },
    open: () => replicas.filter(({ breaker }) => breaker.state !== CircuitState.Closed).map(({ address }) => address),
  };
}

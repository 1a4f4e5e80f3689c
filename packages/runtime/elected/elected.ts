/**
 * Work that one process of many does at a time. It begins when this process is elected and ends when it no longer is; two that
 * overlap for a moment do no harm, because whatever is done by itself here may be done twice (I7). It only spares the engines.
 */
import { minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type Leases, elect } from "@chepiao/ports/lease";
import type { Logger } from "../observe/index.ts";

export type ElectedDeps = {
  readonly name: string;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Begins the work; what it returns ends it. */
  readonly begin: () => () => void | Promise<void>;
};

/** When the elected process dies, no other does it for so long. */
const ttlMs = 6 * secondMs;
const checkEveryMs = secondMs / 2;
const sayAgainMs = minuteMs;

export function doWhileElected({ name, leases, clock, logger, begin }: ElectedDeps): AsyncDisposable {
  const service = "election";
  let saidAt = -sayAgainMs;
  const election = elect({ leases, clock, name, ttlMs, report });
  let end: (() => void | Promise<void>) | null = null;
  let ending: Promise<void> | void = undefined;
  let cancel = clock.after(0, checkElection);

  function report(error: unknown) {
    if (clock.now() - saidAt < sayAgainMs) return;
    saidAt = clock.now();
    logger.warn({ service, message: `nobody can be elected for ${name}, trying again`, status: "failed", error });
  }

  function checkElection() {
    const isElected = election.lease() !== null;
    if (isElected && !end) {
      logger.info({ service, message: `${name} is done here` });
      end = begin();
    } else if (!isElected && end) {
      logger.info({ service, message: `${name} is no longer done here` });
      finish();
    }
    cancel = clock.after(checkEveryMs, checkElection);
  }

  function finish() {
    ending = end?.();
    end = null;
  }

  return {
    async [Symbol.asyncDispose]() {
      cancel();
      finish();
      await ending;
      // Only now: the next one begins where we have ended.
      await election[Symbol.asyncDispose]();
    },
  };
}

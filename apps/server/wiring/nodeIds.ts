/**
 * Ids of a process whose node number is leased: one of 64, held for as long as the process lives and its lease can be renewed. A
 * number that may have ended is not used for one more id. It is never handed back but let run out, so that nobody else makes ids
 * with it in the same seconds.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { createIdSource, type IdSource, minuteMs, nodeCount, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Lease, Leases } from "@chepiao/ports/lease";
import type { Logger } from "@chepiao/runtime";

export type NodeIdsDeps = {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where to look for a free number first: processes that start together then seldom meet. */
  readonly from: number;
};

export type NodeIds = AsyncDisposable & {
  readonly ids: IdSource;
  /** Throws, saying why, while there is no number. For a watch. */
  look(): Promise<void>;
};

const ttlMs = minuteMs;
const renewEveryMs = ttlMs / 4;
/** While there is none. */
const askAgainMs = secondMs;
/** Ids begin with the time; a clock may be off by as much against those who had the number before. */
const marginMs = 2 * secondMs;

type Held = { readonly lease: Lease; readonly source: IdSource; readonly until: number };

export function createNodeIds({ leases, clock, logger, from }: NodeIdsDeps): NodeIds {
  let held: Held | null = null;
  let missing = "not asked for yet";
  let highestId = 0;
  let ended = false;
  let working: Promise<void> = Promise.resolve();
  let cancel = clock.after(0, goOn);

  const heldNow = (): Held | null => (held && clock.now() < held.until - marginMs ? held : null);

  async function attempt() {
    const until = clock.now() + ttlMs;
    if (held && (await leases.renew(held.lease, ttlMs))) {
      held = { ...held, until };
      return;
    }
    if (held) logger.warn({ service: "node-ids", message: `${held.lease.name} is lost; taking another` });
    held = null;
    for (let n = 0; n < nodeCount; n++) {
      const node = (from + n) % nodeCount;
      const lease = await leases.acquire(`node-${node}`, ttlMs);
      if (!lease) continue;
      const ids = createIdSource(node);
      ids.skipPast(highestId);
      held = { lease, source: ids, until };
      logger.info({ service: "node-ids", message: `ids are made as ${lease.name}` });
      return;
    }
    missing = `all ${nodeCount} node numbers are taken`;
  }

  async function attemptAndGoOn() {
    try {
      await attempt();
    } catch (error) {
      missing = error instanceof Error ? error.message : String(error);
    }
    if (!ended) cancel = clock.after(heldNow() ? renewEveryMs : askAgainMs, goOn);
  }

  function goOn() {
    working = attemptAndGoOn();
  }

  function current(): IdSource {
    const now = heldNow();
    if (now) return now.source;
    throw new ServiceUnavailable("node number", missing);
  }

  return {
    ids: {
      orderId: (userId, now) => current().orderId(userId, now),
      rowId: (now) => current().rowId(now),
      skipPast(orderId) {
        highestId = Math.max(highestId, orderId);
        held?.source.skipPast(orderId);
      },
    },
    async look() {
      if (!heldNow()) throw new Error(missing);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      cancel();
      await working;
    },
  };
}

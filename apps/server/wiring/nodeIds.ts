/**
 * Ids of a process whose node number is leased: one of 64, held for as long as the process lives and its lease can be renewed. A
 * number that may have ended is not used for one more id. It is never handed back but let run out, so that nobody else makes ids
 * with it in the same seconds.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { createIdSource, type IdSource, minuteMs, nodeCount, repeating, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Lease, Leases } from "@chepiao/ports/lease";
import type { Logger } from "@chepiao/runtime";

export type NodeIdsDeps = {
  /** Those of the database: a Redis that fails over may forget one, and give its number to a second process. */
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where to look for a free number first: processes that start together then seldom meet. */
  readonly from: number;
  /** The one number that the process was told to have: leased, too, so that nobody else has it. */
  readonly only?: number | null;
};

export type NodeIds = AsyncDisposable & {
  readonly ids: IdSource;
  /** Throws, saying why, while there is no number. For a watch. */
  assertLeased(): Promise<void>;
};

const ttlMs = minuteMs;
/** The database may be away for most of a minute without anybody losing his number. */
const renewEveryMs = 10 * secondMs;
/** While there is none. */
const askAgainMs = secondMs;
/** Ids begin with the time: so much may a clock be off against that of who had the number before. */
const marginMs = 2 * secondMs;

type Held = { readonly lease: Lease; readonly source: IdSource; readonly until: number };

export function createNodeIds({ leases, clock, logger, from, only = null }: NodeIdsDeps): NodeIds {
  const nodes = only === null ? Array.from({ length: nodeCount }, (_, n) => (from + n) % nodeCount) : [only];
  let held: Held | null = null;
  let missing = "not asked for yet";
  let highestId = 0;
  const leasing = repeating({
    clock,
    name: "node number",
    firstMs: 0,
    everyMs: () => (heldNow() ? renewEveryMs : askAgainMs),
    pass: attempt,
    report(_, error) {
      missing = error instanceof Error ? error.message : String(error);
    },
  });

  const heldNow = (): Held | null => (held && clock.now() < held.until - marginMs ? held : null);

  async function attempt() {
    const until = clock.now() + ttlMs;
    if (held && (await leases.renew(held.lease, ttlMs))) {
      held = { ...held, until };
      return;
    }
    if (held) logger.warn({ service: "node-ids", message: `${held.lease.name} is lost; taking one anew` });
    held = null;
    missing = "none could be leased yet";
    for (const node of nodes) {
      const lease = await leases.acquire(`node-${node}`, ttlMs);
      if (!lease) continue;
      const ids = createIdSource(node);
      ids.skipPast(highestId);
      held = { lease, source: ids, until };
      logger.info({ service: "node-ids", message: `ids are made as ${lease.name}` });
      return;
    }
    missing =
      only === null
        ? `all ${nodeCount} node numbers are taken`
        : `node number ${only} is another process's, or was within the last minute: is NODE_ID the same twice?`;
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
    async assertLeased() {
      if (!heldNow()) throw new Error(missing);
    },
    [Symbol.asyncDispose]: leasing.stop,
  };
}

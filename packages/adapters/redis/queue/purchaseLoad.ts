/** Word of load on Redis: one small hash, a field a process. Where it is away nothing is known, and nothing is switched on or off. */
import type { EpochMs } from "@chepiao/kernel";
import { loadFreshMs, type ProcessLoad, type PurchaseLoad } from "@chepiao/ports/purchase-load";
import type { Redis } from "../openRedis.ts";

type Said = { readonly load: ProcessLoad; readonly at: EpochMs };

export function createRedisPurchaseLoad(redis: Redis): PurchaseLoad {
  const key = () => redis.key("purchase-load:all");
  return {
    async note(process, load, now) {
      const said: Said = { load, at: now };
      await redis.ask((cluster) => cluster.hset(key(), process, JSON.stringify(said)));
    },
    async recent(now) {
      const all = Object.entries(await redis.ask((cluster) => cluster.hgetall(key())));
      const said = all.map(([process, text]) => ({ process, ...(JSON.parse(text) as Said) }));
      const gone = said.filter(({ at }) => now - at >= loadFreshMs).map(({ process }) => process);
      // Each process has a name of its own, also after a restart.
      if (gone.length > 0) await redis.ask((cluster) => cluster.hdel(key(), ...gone));
      return said.filter(({ process }) => !gone.includes(process)).map(({ load }) => load);
    },
  };
}

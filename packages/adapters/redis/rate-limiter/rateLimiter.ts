/**
 * Tries on Redis, shared by all processes and by its clock; a restart of any of them forgets none. What a cluster cannot promise: a
 * failover may lose the last second or so of writes, and a guesser who tried in it has these tries again.
 */
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import { keyIn, partOfText } from "../parts.ts";
import functions from "./rateLimiter.lua" with { type: "text" };

const rateLimiterFunctions = {
  name: "rate_limiter",
  files: [functions],
  functions: { take: "writes", withdraw: "writes" },
} as const;

export function createRedisRateLimiter(redis: Redis): RateLimiter {
  const library = createLibrary(redis, rateLimiterFunctions);
  const triesKey = (key: string) => redis.key(keyIn(partOfText(key), "tries", key));
  const exemptKey = (key: string) => redis.key(keyIn(partOfText(key), "exempt", key));

  return {
    take: async (key, { triesMax, windowMs }) =>
      Number(await library.call("take", [triesKey(key)], [triesMax, windowMs])),
    async withdraw(key, { triesMax, windowMs }) {
      await library.call("withdraw", [triesKey(key)], [triesMax, windowMs]);
    },
    async forget(key) {
      await redis.ask((cluster) => cluster.del(triesKey(key)));
    },
    async exempt(key, forMs) {
      await redis.ask((cluster) => cluster.set(exemptKey(key), "1", "PX", forMs));
    },
    isExempt: async (key) => (await redis.ask((cluster) => cluster.exists(exemptKey(key)))) === 1,
  };
}

/**
 * Leases on Redis, by its clock. A failover may lose a lease that was just given, and a second one be given beside it: who has
 * something to lose by that compares fences where it writes.
 */
import type { Lease, Leases } from "@chepiao/ports/lease";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import functions from "./leases.lua" with { type: "text" };

const leaseFunctions = {
  name: "leases",
  files: [functions],
  functions: { acquire: "writes", renew: "writes", release: "writes" },
} as const;

export function createRedisLeases(redis: Redis): Leases {
  const library = createLibrary(redis, leaseFunctions);
  const leaseKey = (name: string) => redis.key(`lease:{${name}}`);
  const fenceKey = (name: string) => redis.key(`fence:{${name}}`);

  return {
    async acquire(name, ttlMs): Promise<Lease | null> {
      const fence = await library.call("acquire", [leaseKey(name), fenceKey(name)], [ttlMs]);
      return fence === null ? null : { name, fence: Number(fence) };
    },
    renew: async ({ name, fence }, ttlMs) =>
      Number(await library.call("renew", [leaseKey(name)], [fence, ttlMs])) === 1,
    async release({ name, fence }) {
      await library.call("release", [leaseKey(name)], [fence]);
    },
  };
}

/** Leases within one process. */
import type { Clock } from "@chepiao/ports/clock";
import type { Lease, Leases } from "./lease.ts";

export function createMemoryLeases(clock: Pick<Clock, "now">): Leases {
  const held = new Map<string, { lease: Lease; endsAt: number }>();
  let lastFence = 0;

  function heldNow(name: string) {
    const entry = held.get(name);
    return entry && entry.endsAt > clock.now() ? entry : null;
  }
  const isHeld = ({ name, fence }: Lease) => heldNow(name)?.lease.fence === fence;

  return {
    async acquire(name, ttlMs) {
      if (heldNow(name)) return null;
      // Behind every fence that was given before, also by a memory that was lost.
      lastFence = Math.max(lastFence + 1, clock.now());
      const lease = { name, fence: lastFence };
      held.set(name, { lease, endsAt: clock.now() + ttlMs });
      return lease;
    },
    async renew(lease, ttlMs) {
      if (!isHeld(lease)) return false;
      held.set(lease.name, { lease, endsAt: clock.now() + ttlMs });
      return true;
    },
    async release(lease) {
      if (isHeld(lease)) held.delete(lease.name);
    },
  };
}

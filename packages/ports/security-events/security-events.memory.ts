/** Security events in a list. */
import type { SecurityEvent, SecurityEvents } from "./security-events.ts";

export type MemorySecurityEvents = SecurityEvents & { readonly events: readonly SecurityEvent[] };

export function createMemorySecurityEvents(): MemorySecurityEvents {
  const events: SecurityEvent[] = [];
  return {
    events,
    append: async (more) => void events.push(...more),
    async purge(before, limit) {
      const count = Math.min(limit, events.filter(({ timestamp }) => timestamp < before).length);
      events.splice(0, events.length, ...events.toSorted((a, b) => a.timestamp - b.timestamp).slice(count));
      return count;
    },
  };
}

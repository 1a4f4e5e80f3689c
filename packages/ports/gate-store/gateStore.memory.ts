/** Two maps: the smallest true store of gates. */
import { isConflict } from "@chepiao/contracts";
import type { Gate, GateEvent, GateStore, KnownGateEvent } from "./gateStore.ts";

export type MemoryGateStore = GateStore & {
  /** For audits. */
  all(): readonly KnownGateEvent[];
};

export function createMemoryGateStore(): MemoryGateStore {
  const gates = new Map<string, Gate>();
  const events = new Map<string, KnownGateEvent>();
  const keyOf = ({ gateId, eventId, ticketNo }: GateEvent) => `${gateId} ${eventId} ${ticketNo}`;
  const found = (is: (event: KnownGateEvent) => boolean) => [...events.values()].filter(is);
  return {
    gates: async () => [...gates.values()],
    async addGate(gate) {
      if (gates.has(gate.gateId)) return false;
      gates.set(gate.gateId, gate);
      return true;
    },
    async retireGate(gateId, now) {
      const gate = gates.get(gateId);
      if (!gate) return false;
      gates.set(gateId, { ...gate, retiredAt: gate.retiredAt ?? now });
      return true;
    },
    note: async (noted, now) =>
      noted.map((event) => {
        const key = keyOf(event);
        const known = events.get(key) ?? { ...event, receivedAt: now, outcome: "pending" };
        events.set(key, known);
        return known;
      }),
    async settle(event, outcome) {
      const known = events.get(keyOf(event));
      if (!known || known.outcome !== "pending") return known?.outcome ?? outcome;
      events.set(keyOf(event), { ...known, outcome });
      return outcome;
    },
    pending: async (limit) =>
      found(({ outcome }) => outcome === "pending")
        .toSorted((a, b) => a.receivedAt - b.receivedAt)
        .slice(0, limit),
    conflicts: async ({ since, until, outcome: only }, limit) =>
      found(({ outcome, receivedAt }) => isConflict(outcome) && receivedAt >= since && receivedAt < (until ?? Infinity))
        .filter(({ outcome }) => only === null || outcome === only)
        .toSorted((a, b) => b.receivedAt - a.receivedAt)
        .slice(0, limit),
    ofTicket: async (ticketNo, limit) =>
      found((event) => event.ticketNo === ticketNo)
        .toSorted((a, b) => a.at - b.at)
        .slice(0, limit),
    async forget(before) {
      const gone = [...events].filter(([, { outcome, receivedAt }]) => outcome !== "pending" && receivedAt < before);
      for (const [key] of gone) events.delete(key);
      return gone.length;
    },
    all: () => [...events.values()],
  };
}

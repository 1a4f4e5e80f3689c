import type { RunState } from "@chepiao/contracts";
import type { RunStates, RunStateStore } from "./run-states.ts";

export function createMemoryRunStateStore(): RunStateStore {
  const bySource = new Map<string, RunStates>();
  let version = 0;
  const inOrder = (runs: readonly RunState[]) => runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  return {
    version: async () => version,
    read: async () => new Map(bySource),
    async replace(source, said) {
      const before = bySource.get(source);
      if (before && before.at >= said.at) return false;
      bySource.set(source, { ...said, runs: inOrder(said.runs) });
      version++;
      return true;
    },
  };
}

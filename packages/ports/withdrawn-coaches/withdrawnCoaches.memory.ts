/** The smallest store of withdrawn coaches: what is withdrawn of each run, and a count of changes. */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { inOrder, type WithdrawnCoaches, type WithdrawnCoachStore } from "./withdrawnCoaches.ts";

export function createMemoryWithdrawnCoachStore(): WithdrawnCoachStore {
  const kept = new Map<RunId, WithdrawnCoaches>();
  let newest = 0;
  return {
    version: async () => newest,
    all: async () => ({ version: newest, runs: [...kept.values()] }),
    ofRuns: async (runIds) => [...new Set(runIds)].flatMap((runId) => kept.get(runId) ?? []),
    async set(after, change) {
      if (after !== newest) return null;
      kept.set(change.runId, inOrder(change));
      return ++newest;
    },
    async forgetBefore(date) {
      const gone = [...kept.keys()].filter((runId) => trainAndDateOf(runId)[1] < date);
      for (const runId of gone) kept.delete(runId);
      return gone.length;
    },
  };
}

/** The smallest store of withdrawn coaches: what is withdrawn of each run, and a count of changes. */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { inOrder, type WithdrawnCoachStore } from "./withdrawnCoaches.ts";

export function createMemoryWithdrawnCoachStore(): WithdrawnCoachStore {
  const kept = new Map<RunId, readonly number[]>();
  let newest = 0;
  return {
    version: async () => newest,
    all: async () => ({ version: newest, runs: [...kept].map(([runId, coachNos]) => ({ runId, coachNos })) }),
    ofRun: async (runId) => kept.get(runId) ?? [],
    async set(after, { runId, coachNos }) {
      if (after !== newest) return null;
      kept.set(runId, inOrder(coachNos));
      return ++newest;
    },
    async forgetBefore(date) {
      const gone = [...kept.keys()].filter((runId) => trainAndDateOf(runId)[1] < date);
      for (const runId of gone) kept.delete(runId);
      return gone.length;
    },
  };
}

/** The smallest store of withdrawn coaches: what is withdrawn of each run, and a count of changes. */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import {
  addedReseat,
  inOrder,
  type ReseatResult,
  type WithdrawnCoaches,
  type WithdrawnCoachStore,
} from "./withdrawnCoaches.ts";

export function createMemoryWithdrawnCoachStore(): WithdrawnCoachStore {
  const kept = new Map<RunId, WithdrawnCoaches>();
  const reseats = new Map<RunId, Map<OrderId, ReseatResult>>();
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
    async noteReseats(runId, results) {
      const ofRun = reseats.get(runId) ?? new Map<OrderId, ReseatResult>();
      reseats.set(runId, ofRun);
      for (const result of results) ofRun.set(result.orderId, addedReseat(ofRun.get(result.orderId), result));
    },
    reseats: async (runId) => [...(reseats.get(runId)?.values() ?? [])].toSorted((a, b) => a.orderId - b.orderId),
    async forgetBefore(date) {
      const gone = [...kept.keys()].filter((runId) => trainAndDateOf(runId)[1] < date);
      for (const runId of gone) kept.delete(runId);
      for (const runId of reseats.keys()) if (trainAndDateOf(runId)[1] < date) reseats.delete(runId);
      return gone.length;
    },
  };
}

/** The smallest store of quotas: what was set, each with the change that set it. */
import { codeOf, seatClasses, trainAndDateOf } from "@chepiao/contracts";
import { type ClassQuotas, quotaPage, type QuotaPlace, quotasPerPageMax, type QuotaStore } from "./quotaStore.ts";

export function createMemoryQuotaStore(): QuotaStore {
  const kept = new Map<string, ClassQuotas & { readonly version: number }>();
  let newest = 0;
  const plain = ({ runId, seatClass, quotas }: ClassQuotas): ClassQuotas => ({ runId, seatClass, quotas });
  return {
    version: async () => newest,
    async since(version, before, after) {
      const changed = [...kept.values()]
        .filter((each) => each.version > version && trainAndDateOf(each.runId)[1] < before)
        .filter((each) => !after || inOrder(after, each) < 0)
        .toSorted(inOrder);
      return quotaPage(newest, changed.slice(0, quotasPerPageMax).map(plain));
    },
    ofRun: async (runId) =>
      [...kept.values()].filter((each) => each.runId === runId && each.quotas.length > 0).map(plain),
    async set(after, changes) {
      if (after !== newest) return null;
      newest++;
      for (const change of changes) kept.set(`${change.runId} ${change.seatClass}`, { ...change, version: newest });
      return newest;
    },
    async forgetBefore(date) {
      const gone = [...kept].filter(([, { runId }]) => trainAndDateOf(runId)[1] < date);
      for (const [key] of gone) kept.delete(key);
      return gone.length;
    },
  };
}

const inOrder = (one: QuotaPlace, other: QuotaPlace): number =>
  one.runId === other.runId
    ? codeOf(seatClasses, one.seatClass) - codeOf(seatClasses, other.seatClass)
    : one.runId < other.runId
      ? -1
      : 1;

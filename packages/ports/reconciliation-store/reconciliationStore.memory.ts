/** The smallest store of cases. */
import type { ReconciliationCase, ReconciliationStore, RunReport } from "./reconciliationStore.ts";

export function createMemoryReconciliationStore(): ReconciliationStore {
  const cases = new Map<string, ReconciliationCase>();
  const reports = new Map<string, RunReport>();
  const open = () =>
    [...cases.values()]
      .filter(({ state }) => state === "open")
      .toSorted((a, b) => a.firstSeenAt - b.firstSeenAt || (a.caseId < b.caseId ? -1 : 1));

  return {
    ofScope: async (scope) => [...cases.values()].filter((each) => each.scope === scope),
    open: async (limit) => open().slice(0, limit),
    find: async (caseId) => cases.get(caseId) ?? null,
    openScopes: async (limit) => [...new Set(open().map(({ scope }) => scope))].toSorted().slice(0, limit),
    async change(wanted) {
      if ((cases.get(wanted.caseId)?.version ?? 0) !== wanted.version) return false;
      cases.set(wanted.caseId, { ...wanted, version: wanted.version + 1 });
      return true;
    },
    async report(report) {
      if (!reports.has(report.runNo)) reports.set(report.runNo, report);
    },
    reports: async (scope, limit) =>
      [...reports.values()]
        .filter((each) => each.scope === scope)
        .toSorted((a, b) => b.endedAt - a.endedAt)
        .slice(0, limit),
  };
}

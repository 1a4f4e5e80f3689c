/** The smallest store of blocks and decisions. */
import type { RiskBlock, RiskDecision, RiskStore } from "./riskStore.ts";

export function createMemoryRiskStore(): RiskStore {
  const blocks = new Map<string, RiskBlock>();
  let decisions: readonly RiskDecision[] = [];
  return {
    blocks: async (now) =>
      [...blocks.values()]
        .filter(({ until }) => until === null || until > now)
        .toSorted((a, b) => a.since - b.since || a.subject.localeCompare(b.subject)),
    async block(block) {
      blocks.set(block.subject, block);
    },
    unblock: async (subject) => blocks.delete(subject),
    async note(all) {
      for (const { userId, at, ...decided } of all)
        if (!decisions.some((known) => known.userId === userId && known.at === at))
          decisions = [...decisions, { userId, at, ...decided }];
    },
    decisionsOf: async (userId, limit) =>
      decisions
        .filter((decision) => decision.userId === userId)
        .toSorted((a, b) => b.at - a.at)
        .slice(0, limit),
    decisionsSince: async (since, limit) =>
      decisions
        .filter(({ at }) => at >= since)
        .toSorted((a, b) => b.at - a.at)
        .slice(0, limit),
    async forget(before) {
      decisions = decisions.filter(({ at }) => at >= before);
      for (const { subject, until } of blocks.values()) if (until !== null && until < before) blocks.delete(subject);
    },
  };
}

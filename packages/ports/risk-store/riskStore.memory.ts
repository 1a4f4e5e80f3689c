/** The smallest store of blocks and decisions. */
import type { RiskAppeal, RiskBlock, RiskDecision, RiskStore } from "./riskStore.ts";

export function createMemoryRiskStore(): RiskStore {
  const blocks = new Map<string, RiskBlock>();
  let decisions: readonly RiskDecision[] = [];
  let appeals: readonly RiskAppeal[] = [];
  const subjectOf = (blockId: string) => [...blocks.values()].find((block) => block.blockId === blockId)?.subject;
  const newestFirst = (some: readonly RiskAppeal[]) =>
    some.toSorted((a, b) => b.at - a.at || a.blockId.localeCompare(b.blockId) || a.userId - b.userId);
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
    async appeal(appeal) {
      const isSame = ({ blockId, userId }: RiskAppeal) => blockId === appeal.blockId && userId === appeal.userId;
      const known = appeals.find(isSame);
      if (known) return known;
      const added: RiskAppeal = { ...appeal, outcome: "open", answer: null, decidedAt: null };
      appeals = [...appeals, added];
      return added;
    },
    appealsOf: async (userId, limit) =>
      newestFirst(appeals.filter((appeal) => appeal.userId === userId)).slice(0, limit),
    async appeals(which, limit) {
      if (which === "all") return newestFirst(appeals).slice(0, limit);
      const open = appeals.filter(({ outcome, blockId }) => outcome === "open" && subjectOf(blockId) !== undefined);
      return open
        .toSorted((a, b) => a.at - b.at || a.blockId.localeCompare(b.blockId) || a.userId - b.userId)
        .slice(0, limit);
    },
    async decideAppeals(id, { isGranted, answer, at }) {
      const isMeant = ({ blockId, outcome }: RiskAppeal) => blockId === id && outcome === "open";
      const count = appeals.filter(isMeant).length;
      const decided = { outcome: isGranted ? "granted" : "refused", answer, decidedAt: at } as const;
      appeals = appeals.map((appeal) => (isMeant(appeal) ? { ...appeal, ...decided } : appeal));
      const subject = subjectOf(id);
      if (isGranted && count > 0 && subject !== undefined) blocks.delete(subject);
      return count;
    },
    async forget(before) {
      decisions = decisions.filter(({ at }) => at >= before);
      for (const { subject, until } of blocks.values()) if (until !== null && until < before) blocks.delete(subject);
      appeals = appeals.filter(({ blockId, at, decidedAt }) =>
        decidedAt === null ? at >= before || subjectOf(blockId) !== undefined : decidedAt >= before,
      );
    },
  };
}

/** Who is blocked, in the memory of each process that sells. */
import { countedNetwork, type EpochMs, truncatedAddress, type UserId } from "@chepiao/kernel";
import type { RiskBlock } from "@chepiao/ports/risk-store";

export type Blocks = ReturnType<typeof createBlocks>;

export function createBlocks(all: readonly RiskBlock[]) {
  const bySubject = new Map<string, RiskBlock>(all.map((block) => [block.subject, block]));
  const hasAddresses = all.some(({ subject }) => !subject.startsWith("account "));

  const holding = (subject: string, now: EpochMs): RiskBlock | null => {
    const block = bySubject.get(subject);
    return block && (block.until === null || block.until > now) ? block : null;
  };

  return {
    count: bySubject.size,
    /** `address` is asked for only where one is blocked. */
    of(userId: UserId, address: () => string, now: EpochMs): RiskBlock | null {
      const own = holding(`account ${userId}`, now);
      if (own || !hasAddresses) return own;
      const from = address();
      return holding(`address ${countedNetwork(from)}`, now) ?? holding(`network ${truncatedAddress(from)}`, now);
    },
  };
}

/** The versions of the railway's policy, as they were put in force. None is ever changed or forgotten: orders name them. */
import type { Policy, PolicyVersion } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export type PolicyStore = {
  /** By their numbers; none before the first start. */
  all(): Promise<readonly PolicyVersion[]>;
  /**
   * The version after that one, 0 for the first: in force from that instant. Null, and nothing is kept, where there is one already: somebody
   * else was quicker.
   */
  add(after: number, from: EpochMs, policy: Policy): Promise<PolicyVersion | null>;
};

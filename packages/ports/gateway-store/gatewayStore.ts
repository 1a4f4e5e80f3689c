/** The versions of the gateway's rules as operators have set them, and what gateways had to do in the last hours. */
import type { GatewayRulesVersion, GatewayUsage } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

/** Somebody may look back as far as that, and no row is older. */
export const usageKeptMinutes = 120;

export type GatewayStore = {
  /** The newest; null where no rule was ever set. */
  newest(): Promise<GatewayRulesVersion | null>;
  find(version: number): Promise<GatewayRulesVersion | null>;
  /** The newest first, so many at most. */
  latest(limit: number): Promise<readonly GatewayRulesVersion[]>;
  /** False, and nothing is kept, where that version is there already, or the one before it is not: somebody else was quicker. */
  add(version: GatewayRulesVersion): Promise<boolean>;
  /** One a source and minute: told again it is as it was. Those before `forgetBefore` go. */
  addUsage(usage: GatewayUsage, forgetBefore: EpochMs): Promise<void>;
  /** Of minutes that begin then or later, in order of minute and source. */
  usageSince(minute: EpochMs): Promise<readonly GatewayUsage[]>;
};

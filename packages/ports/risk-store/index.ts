/** Who is blocked, and what was decided of whom. */
import { port } from "@chepiao/ports/port";
import { createMemoryRiskStore } from "./riskStore.memory.ts";
import type { RiskStore } from "./riskStore.ts";

export { createMemoryRiskStore } from "./riskStore.memory.ts";
export { appealOutcomes } from "./riskStore.ts";
export type {
  AppealDecision,
  BlockSubject,
  RiskAppeal,
  RiskBlock,
  RiskDecision,
  RiskReason,
  RiskStore,
} from "./riskStore.ts";

export const riskStorePort = port<RiskStore>("blocks and decisions of risk", () => createMemoryRiskStore());

/** What is counted of those who buy. */
import { port } from "@chepiao/ports/port";
import { createMemoryRiskCounters } from "./riskCounters.memory.ts";
import type { RiskCounters } from "./riskCounters.ts";

export { createMemoryRiskCounters } from "./riskCounters.memory.ts";
export type { ActCounts, Attempt, Attempted, CountedAct, RiskCounters } from "./riskCounters.ts";

export const riskCountersPort = port<RiskCounters>("counters of risk", () => createMemoryRiskCounters());

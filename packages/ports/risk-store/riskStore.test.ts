import { createMemoryRiskStore } from "./riskStore.memory.ts";
import { riskStoreSuite } from "./riskStore.suite.ts";

riskStoreSuite("memory", async () => createMemoryRiskStore());

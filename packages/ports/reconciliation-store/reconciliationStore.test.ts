/** The smallest store keeps the rules. */
import { createMemoryReconciliationStore } from "./index.ts";
import { reconciliationStoreSuite } from "./reconciliationStore.suite.ts";

reconciliationStoreSuite("memory", async () => createMemoryReconciliationStore());

import { createMemoryQuotaStore } from "./quotaStore.memory.ts";
import { quotaStoreSuite } from "./quotaStore.suite.ts";

quotaStoreSuite("memory", async () => createMemoryQuotaStore());

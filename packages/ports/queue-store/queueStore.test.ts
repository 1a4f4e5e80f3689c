import { createMemoryQueueStore } from "./queueStore.memory.ts";
import { queueStoreSuite } from "./queueStore.suite.ts";

queueStoreSuite("memory", async () => createMemoryQueueStore());

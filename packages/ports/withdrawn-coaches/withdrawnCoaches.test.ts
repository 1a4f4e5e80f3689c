import { createMemoryWithdrawnCoachStore } from "./withdrawnCoaches.memory.ts";
import { withdrawnCoachStoreSuite } from "./withdrawnCoaches.suite.ts";

withdrawnCoachStoreSuite("memory", async () => createMemoryWithdrawnCoachStore());

import { createMemoryPolicyStore } from "./policy-store.memory.ts";
import { policyStoreSuite } from "./policy-store.suite.ts";

policyStoreSuite("memory", async () => createMemoryPolicyStore());

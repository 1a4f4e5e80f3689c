import { createMemoryPurchaseLoad } from "./purchaseLoad.memory.ts";
import { purchaseLoadSuite } from "./purchaseLoad.suite.ts";

purchaseLoadSuite("memory", createMemoryPurchaseLoad);

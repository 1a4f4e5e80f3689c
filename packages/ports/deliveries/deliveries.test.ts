import { createMemoryDeliveries } from "./deliveries.memory.ts";
import { deliveriesSuite } from "./deliveries.suite.ts";

deliveriesSuite("memory", async () => createMemoryDeliveries());

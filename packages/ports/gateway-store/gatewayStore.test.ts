import { createMemoryGatewayStore } from "./gatewayStore.memory.ts";
import { gatewayStoreSuite } from "./gatewayStore.suite.ts";

gatewayStoreSuite("memory", async () => createMemoryGatewayStore());

/** The smallest store of gates keeps the rules of the port. */
import { gateStoreSuite } from "./gateStore.suite.ts";
import { createMemoryGateStore } from "./index.ts";

gateStoreSuite("memory", () => createMemoryGateStore());

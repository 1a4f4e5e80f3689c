import { createMemorySessionStore } from "./session-store.memory.ts";
import { sessionStoreSuite } from "./session-store.suite.ts";

sessionStoreSuite("memory", createMemorySessionStore);

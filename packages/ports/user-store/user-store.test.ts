import { createMemoryUserStore } from "./user-store.memory.ts";
import { userStoreSuite } from "./user-store.suite.ts";

userStoreSuite("memory", createMemoryUserStore);

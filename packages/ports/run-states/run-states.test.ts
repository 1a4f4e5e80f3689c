/** The store in memory keeps the rules of the port. */
import { createMemoryRunStateStore } from "./index.ts";
import { runStateStoreSuite } from "./run-states.suite.ts";

runStateStoreSuite("memory", createMemoryRunStateStore);

import { createMemoryVault } from "./vault.memory.ts";
import { vaultSuite } from "./vault.suite.ts";

vaultSuite(
  "memory",
  () => createMemoryVault(1),
  () => createMemoryVault(2),
);

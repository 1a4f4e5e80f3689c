export { SealBroken, type Vault } from "./vault.ts";
export { createMemoryVault } from "./vault.memory.ts";

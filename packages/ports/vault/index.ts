export { KeyMissing, placeOf, SealBroken, type SealedPlace, type Vault } from "./vault.ts";
export { isSameMac, macBy } from "./mac.ts";
export { createMemoryVault } from "./vault.memory.ts";

import { port } from "@chepiao/ports/port";
import type { IdentityVerifier } from "./identityVerifier.ts";

export {
  comparedName,
  type Identity,
  type IdentityVerdict,
  identityVerdicts,
  type IdentityVerifier,
} from "./identityVerifier.ts";
export { createMemoryIdentityVerifier, type MemoryIdentityVerifier } from "./identityVerifier.memory.ts";

/** Where nobody can be asked: either no document is proved, or everybody is believed. */
export type NoVerifier = "believeNobody" | "believeEverybody";

export const identityVerifierPort = port<IdentityVerifier | NoVerifier>("identity verifier");

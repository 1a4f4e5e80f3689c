import { createMemoryIdentityVerifier } from "./index.ts";
import { identityVerifierSuite } from "./identityVerifier.suite.ts";

identityVerifierSuite("memory", () => {
  const known = { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" } as const;
  const verifier = createMemoryIdentityVerifier([known], "unknown");
  return {
    verifier,
    known,
    nobody: { ...known, documentNumber: "C99X99T99" },
    leave() {
      verifier.isThere = false;
    },
  };
});

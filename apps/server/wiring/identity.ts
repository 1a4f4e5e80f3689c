/**
 * Whom a platform asks who belongs to a document: the service that its operator named, or a register to practise with, over the same protocol.
 * Where there is neither, what people say of themselves proves nothing, unless the operator has said that it does.
 */
import { addressForms, readAddress, tlsFor } from "@chepiao/adapters/engine-address";
import { createHttpIdentity, createIdentityService, type IdentityService } from "@chepiao/adapters/http-identity";
import { createSandboxIdentity } from "@chepiao/adapters/sandbox-identity";
import type { Clock } from "@chepiao/ports/clock";
import type { IdentityVerifier, NoVerifier } from "@chepiao/ports/identity-verifier";
import type { Random } from "@chepiao/ports/random";
import { type Config, identitySource } from "../config.ts";
import { demoPeople } from "../data/demo/account.ts";

export type IdentityWiring = {
  readonly verifier: IdentityVerifier | NoVerifier;
  /** The register to practise with, for whoever has its key; null where there is none. */
  readonly register: IdentityService | null;
};

export const practiceRegisterPath = "/sandbox/identity/verify";

type IdentityWiringDeps = { readonly config: Config; readonly clock: Clock; readonly random: Random };

export function wireIdentity({ config, clock, random }: IdentityWiringDeps): IdentityWiring {
  const source = identitySource(config);
  if (source === "practice") return practised({ config, clock, random });
  if (source !== "service") return { verifier: source, register: null };
  const address = readAddress(config.identityVerifierUrl!, addressForms.identity);
  const verifier = createHttpIdentity({
    url: config.identityVerifierUrl!.replace(/\?.*$/, ""),
    key: config.identityVerifierKey!,
    clock,
    random,
    // No engine of ours: whom those trust says nothing about it.
    tls: tlsFor(address),
  });
  return { verifier, register: null };
}

/** Asked without a network, in the words of one. Where no key was said, nobody else has it. */
function practised({ config, clock, random }: IdentityWiringDeps): IdentityWiring {
  const key = config.identityVerifierKey ?? random.token(32);
  const register = createIdentityService({
    path: practiceRegisterPath,
    keys: [key],
    verifier: createSandboxIdentity({ clock, people: demoPeople }),
    clock,
  });
  const url = `http://practice.internal${practiceRegisterPath}`;
  return { verifier: createHttpIdentity({ url, key, clock, random, ask: register.fetch }), register };
}

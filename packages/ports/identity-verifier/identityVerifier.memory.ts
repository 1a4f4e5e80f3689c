/** Knows the people it is told of, and says the same of everybody else. */
import { ServiceUnavailable } from "@chepiao/contracts";
import { comparedName, type Identity, type IdentityVerdict, type IdentityVerifier } from "./identityVerifier.ts";

export type MemoryIdentityVerifier = IdentityVerifier & {
  /** Does it answer? */
  isThere: boolean;
  /** How often it was asked. */
  readonly asked: number;
};

export function createMemoryIdentityVerifier(
  people: readonly Identity[] = [],
  ofOthers: IdentityVerdict = "matches",
): MemoryIdentityVerifier {
  const nameOf = new Map(people.map((person) => [keyOf(person), comparedName(person.name)]));
  return {
    isThere: true,
    asked: 0,
    async verify(identity) {
      (this as { asked: number }).asked++;
      if (!this.isThere) throw new ServiceUnavailable("the identity verifier", "it does not answer");
      const name = nameOf.get(keyOf(identity));
      if (name === undefined) return ofOthers;
      return name === comparedName(identity.name) ? "matches" : "differs";
    },
  };
}

const keyOf = ({ documentType, documentNumber }: Identity) => `${documentType} ${documentNumber}`;

/**
 * Whether a name belongs to a document (design document 9.2.1): the number's form is looked at before (`documents.ts`), the public authority
 * is asked, and what it says is remembered for a day, by keyed hash.
 */
import { type DocumentProof, type DocumentType, ServiceUnavailable } from "@chepiao/contracts";
import { dayMs, type EpochMs, epochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { IdentityVerdict, IdentityVerifier, NoVerifier } from "@chepiao/ports/identity-verifier";
import type { PassengerRecord } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { LRUCache } from "lru-cache";

export type IdentityDeps = {
  readonly identityVerifier: IdentityVerifier | NoVerifier;
  /** Does the railway ask who belongs to a document? */
  readonly isRealName?: () => boolean;
  readonly clock: Pick<Clock, "now">;
  readonly vault: Pick<Vault, "fingerprint">;
  readonly report?: (message: string, error: unknown) => void;
};

type Proof = Pick<PassengerRecord, "proof" | "proofAskedAt">;
const wasNeverAsked = ({ proof, proofAskedAt }: Proof): boolean => proof === "unavailable" && proofAskedAt === 0;

export type Named = { readonly name: string; readonly documentType: DocumentType; readonly documentNumber: string };

const rememberedMs = dayMs;
const rememberedMax = 100_000;

export function createIdentity({
  identityVerifier,
  isRealName = () => true,
  clock,
  vault,
  report = () => {},
}: IdentityDeps) {
  const remembered = new LRUCache<string, { readonly verdict: IdentityVerdict; readonly at: EpochMs }>({
    max: rememberedMax,
  });

  const answers: Record<IdentityVerdict | "unavailable" | "failed", number> = {
    matches: 0,
    differs: 0,
    unknown: 0,
    notCovered: 0,
    unavailable: 0,
    failed: 0,
  };
  const verifier = typeof identityVerifier === "string" ? null : identityVerifier;
  const believesEverybody = () => identityVerifier === "believeEverybody" || !isRealName();

  async function verdictOn(asked: IdentityVerifier, person: Named): Promise<IdentityVerdict> {
    const key = vault.fingerprint(`identity:${person.documentType}:${person.documentNumber}:${person.name}`);
    const known = remembered.get(key);
    if (known && clock.now() - known.at < rememberedMs) return known.verdict;
    const verdict = await asked.verify(person);
    answers[verdict]++;
    remembered.set(key, { verdict, at: clock.now() });
    return verdict;
  }

  return {
    async prove(person: Named): Promise<DocumentProof> {
      if (!verifier || believesEverybody()) return "unavailable";
      try {
        return proofOf[await verdictOn(verifier, person)];
      } catch (error) {
        const isAway = error instanceof ServiceUnavailable;
        answers[isAway ? "unavailable" : "failed"]++;
        if (!isAway) report("an identity could not be verified", error);
        return "unavailable";
      }
    },
    /** When it was asked, as it is kept: who is believed unasked was never asked about. */
    askedAt: () => (believesEverybody() ? epochMs(0) : clock.now()),
    /** May one look at it again change what it is? Where nobody can be asked, only of those who were believed before. */
    isOpen: (passenger: Proof): boolean =>
      !believesEverybody() && passenger.proof === "unavailable" && (verifier !== null || wasNeverAsked(passenger)),
    shown(proof: DocumentProof): DocumentProof {
      if (believesEverybody()) return "proved";
      // It is not asked again by and by: nobody is there.
      return verifier === null && proof === "unavailable" ? "unproved" : proof;
    },
    /** What limits take him for. About whom nobody was ever asked counts for everybody, as what was sold to him does. */
    counted: (passenger: Proof): DocumentProof =>
      believesEverybody() || wasNeverAsked(passenger) ? "proved" : passenger.proof,
    /** What the selling rooms are told of him. */
    known(passenger: Proof) {
      const unasked = believesEverybody() ? ("never" as const) : wasNeverAsked(passenger) ? ("yet" as const) : null;
      return { proof: unasked ? ("proved" as const) : passenger.proof, unasked };
    },
    wasNeverAsked,
    /** What came of questions since the start. */
    answers: answers as Readonly<Record<string, number>>,
  };
}

export type IdentityProofs = ReturnType<typeof createIdentity>;

const proofOf: Readonly<Record<IdentityVerdict, DocumentProof>> = {
  matches: "proved",
  differs: "refused",
  unknown: "refused",
  notCovered: "unproved",
};

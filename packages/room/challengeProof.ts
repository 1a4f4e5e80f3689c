/**
 * The proof of a solved challenge: the challenges room's word that this session has solved it, for one act, until then. Who reads it spends it, so
 * that it lets one act through.
 */
import { type ChallengeAct, type ChallengeLevel, challengeLevels, challengeProofSecret } from "@chepiao/contracts";
import { type EpochMs, epochMs } from "@chepiao/kernel";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";

export type ProofOf = { readonly userId: number; readonly sessionId: string; readonly act: ChallengeAct };
export type ChallengeProof = {
  readonly challengeId: string;
  /** Of the challenge that was solved. */
  readonly level: ChallengeLevel;
  readonly until: EpochMs;
};

export function createChallengeProofs(vault: Pick<Vault, "secret">) {
  const macOf = macBy(vault, challengeProofSecret);
  /** The session is in what is signed, and not in what is shown. */
  const macFor = ({ userId, sessionId, act }: ProofOf, challengeId: string, level: string, until: string) =>
    macOf(`${challengeId}.${userId}.${sessionId}.${act}.${level}.${until}`);

  return {
    sign(to: ProofOf, { challengeId, level, until }: ChallengeProof): string {
      return `${challengeId}.${level}.${until}.${macFor(to, challengeId, level, String(until))}`;
    },
    /** Null for whatever was not signed for that session and that act, or is over. */
    read(text: string | null, to: ProofOf, now: EpochMs): ChallengeProof | null {
      if (text === null) return null;
      const [challengeId = "", given = "", until = "", mac, ...more] = text.split(".");
      const level = challengeLevels.find((each) => each === given);
      if (more.length > 0 || !level || !isSameMac(macFor(to, challengeId, level, until), mac)) return null;
      return Number(until) > now ? { challengeId, level, until: epochMs(Number(until)) } : null;
    },
  };
}

export type ChallengeProofs = ReturnType<typeof createChallengeProofs>;

/** A challenge as it travels: signed, so that nothing is kept of those that nobody answers, and nobody can make an easier one. */
import { hash } from "node:crypto";
import type { ChallengeAct } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";
import type { ProofOf } from "@chepiao/room";

export type Puzzle = {
  readonly challengeId: string;
  readonly act: ChallengeAct;
  readonly bits: number;
  readonly until: EpochMs;
};

export const challengesSecret = "challenges";

export function createPuzzles(vault: Pick<Vault, "secret">) {
  const macOf = macBy(vault, challengesSecret);
  /** Whose it is is signed, and not shown. */
  const macFor = (text: string, { userId, sessionId }: Omit<ProofOf, "act">) => macOf(`${text}.${userId}.${sessionId}`);

  return {
    sign({ challengeId, act, bits, until }: Puzzle, to: Omit<ProofOf, "act">): string {
      const text = `${challengeId}.${act}.${bits}.${until}`;
      return `${text}.${macFor(text, to)}`;
    },
    /** Null for whatever was not signed here for that session. */
    read(token: string, to: Omit<ProofOf, "act">): Puzzle | null {
      const end = token.lastIndexOf(".");
      const text = token.slice(0, Math.max(0, end));
      if (!isSameMac(macFor(text, to), token.slice(end + 1))) return null;
      const [challengeId = "", act, bits, until] = text.split(".");
      return { challengeId, act: act as ChallengeAct, bits: Number(bits), until: Number(until) as EpochMs };
    },
  };
}

/** Does SHA-256 of challenge, a dot and the answer begin with so many zero bits? */
export function isSolvedBy(challenge: string, answer: string, bits: number): boolean {
  const digest = hash("sha256", `${challenge}.${answer}`, "buffer");
  const whole = bits >> 3;
  for (let n = 0; n < whole; n++) if (digest[n] !== 0) return false;
  return bits % 8 === 0 || digest[whole]! >> (8 - (bits % 8)) === 0;
}

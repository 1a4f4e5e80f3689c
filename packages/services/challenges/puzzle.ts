/** A challenge as it travels: signed, so that nothing is kept of those that nobody answers, and nobody can make an easier one. */
import { hash } from "node:crypto";
import type { ChallengeAct, ChallengeKind, ChallengeLevel } from "@chepiao/contracts";
import { type EpochMs, slideSize } from "@chepiao/kernel";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";
import type { ProofOf } from "@chepiao/room";
import type { Hole } from "./slide/picture.ts";

export type Puzzle = {
  readonly challengeId: string;
  readonly act: ChallengeAct;
  readonly kind: ChallengeKind;
  readonly level: ChallengeLevel;
  /** Of work. */
  readonly bits: number;
  readonly until: EpochMs;
};

export const challengesSecret = "challenges";
const partCount = 6;

export function createPuzzles(vault: Pick<Vault, "secret">) {
  const macOf = macBy(vault, challengesSecret);
  /** Whose it is is signed, and not shown. */
  const macFor = (text: string, { userId, sessionId }: Omit<ProofOf, "act">) => macOf(`${text}.${userId}.${sessionId}`);

  return {
    sign({ challengeId, act, kind, level, bits, until }: Puzzle, to: Omit<ProofOf, "act">): string {
      const text = `${challengeId}.${act}.${kind}.${level}.${bits}.${until}`;
      return `${text}.${macFor(text, to)}`;
    },
    /** Null for whatever was not signed here for that session. */
    read(token: string, to: Omit<ProofOf, "act">): Puzzle | null {
      const end = token.lastIndexOf(".");
      const text = token.slice(0, Math.max(0, end));
      if (!isSameMac(macFor(text, to), token.slice(end + 1))) return null;
      const parts = text.split(".");
      // As they were before they had kinds: they end within a minute.
      if (parts.length !== partCount) return null;
      const [challengeId = "", act, kind, level, bits, until] = parts;
      return {
        challengeId,
        act: act as ChallengeAct,
        kind: kind as ChallengeKind,
        level: level as ChallengeLevel,
        bits: Number(bits),
        until: Number(until) as EpochMs,
      };
    },
    /** Where the hole of a slide is, and of what its picture is drawn: only who has the secret knows, and nothing has to be kept. */
    slideOf(challengeId: string): { readonly hole: Hole; readonly seed: number } {
      // No name of a challenge has a space in it: this is never what a challenge is signed with.
      const digits = macOf(`hole of ${challengeId}`);
      const part = (n: number) => Number.parseInt(digits.slice(8 * n, 8 * n + 8), 16);
      const { width, height, piece, leftMin } = slideSize;
      return {
        hole: { left: leftMin + (part(0) % (width - piece - leftMin)), top: part(1) % (height - piece) },
        seed: part(2),
      };
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

/** The challenges room: gives puzzles to those whom the rules doubt, and its word for each that is solved. */
import {
  type Challenge,
  type challengeRoutes,
  type Handlers,
  type Refusal,
  refusal,
  type SessionView,
  type Timetable,
} from "@chepiao/contracts";
import {
  challengeKnownMs,
  challengeMs,
  challengeProofMs,
  challengeTriesMax,
  epochMs,
  formatInZone,
  minuteMs,
  ok,
  refuse,
  secondMs,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { RiskCounters } from "@chepiao/ports/risk-counters";
import type { Vault } from "@chepiao/ports/vault";
import { createChallengeProofs } from "@chepiao/room";
import { createPuzzles, isSolvedBy } from "./puzzle.ts";

export { isSolvedBy } from "./puzzle.ts";

export type ChallengesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "token">;
  readonly vault: Pick<Vault, "secret">;
  readonly timetable: () => Pick<Timetable, "zone" | "policy">;
  readonly counters: Pick<RiskCounters, "attempt">;
  readonly limiter: Pick<RateLimiter, "take">;
};

/** Where the policy says nothing. */
const workBitsDefault = 16;
/** A person asks for a few; more is a program that collects them. */
const challengesPerMinute = { triesMax: 20, windowMs: minuteMs };

export function createChallenges(deps: ChallengesDeps) {
  const { clock, random, vault, timetable, counters, limiter } = deps;
  const puzzles = createPuzzles(vault);
  const proofs = createChallengeProofs(vault);
  const counts = { given: 0, solved: 0, wrong: 0, over: 0 };

  async function tooOften(userId: number): Promise<Refusal | null> {
    const waitMs = await limiter.take(`challenges ${userId}`, challengesPerMinute);
    return waitMs === 0 ? null : refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / secondMs) });
  }

  const ownerOf = ({ userId, sessionId }: SessionView) => ({ userId, sessionId });

  const handlers: Handlers<typeof challengeRoutes> = {
    async ask({ session, body: { act } }) {
      const wait = await tooOften(session.userId);
      if (wait) return refuse(wait);
      const { zone, policy } = timetable();
      const bits = policy.policy.risk?.workBits ?? workBitsDefault;
      const until = epochMs(clock.now() + challengeMs);
      const challenge = puzzles.sign({ challengeId: random.token(16), act, bits, until }, ownerOf(session));
      counts.given++;
      const body: Challenge = {
        challenge,
        kind: "work",
        act,
        bits,
        triesMax: challengeTriesMax,
        expiresAt: formatInZone(until, zone),
      };
      return ok({ status: 200, body });
    },

    async answer({ session, body: { challenge, answer } }) {
      const owner = ownerOf(session);
      const puzzle = puzzles.read(challenge, owner);
      const now = clock.now();
      if (!puzzle || puzzle.until <= now) return refuse(refusal("ChallengeInvalid"));
      const { challengeId, act, bits, until } = puzzle;
      const isRight = isSolvedBy(challenge, answer, bits);
      const triesMax = challengeTriesMax;
      const attempted = await counters.attempt(challengeId, {
        isRight,
        triesMax,
        leftMs: until - now + challengeKnownMs,
      });
      counts[attempted]++;
      if (attempted === "over") return refuse(refusal("ChallengeInvalid"));
      if (attempted === "wrong") return refuse(refusal("ChallengeWrong"));
      const proofUntil = epochMs(now + challengeProofMs);
      const proof = proofs.sign({ ...owner, act }, { challengeId, until: proofUntil });
      return ok({ status: 200, body: { proof, proofUntil: formatInZone(proofUntil, timetable().zone) } });
    },
  };

  return { handlers, counts };
}

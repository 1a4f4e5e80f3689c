/** The challenges room: gives puzzles to those whom the rules doubt, and its word for each that is solved. */
import {
  type Challenge,
  type ChallengeLevel,
  type challengeRoutes,
  type Handlers,
  type Refusal,
  refusal,
  type SessionView,
  type SlideDrag,
  type Timetable,
  workBitsMax,
} from "@chepiao/contracts";
import {
  challengeKnownMs,
  challengeMs,
  challengeProofMs,
  challengeTriesMax,
  epochMs,
  formatInZone,
  hourMs,
  minuteMs,
  ok,
  refuse,
  secondMs,
  slideTolerance,
  type UserId,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { RiskCounters } from "@chepiao/ports/risk-counters";
import type { Vault } from "@chepiao/ports/vault";
import { createChallengeProofs } from "@chepiao/room";
import { createPuzzles, isSolvedBy, type Puzzle } from "./puzzle.ts";
import { doubtOf, traceOf } from "./slide/drag.ts";
import { drawSlide } from "./slide/picture.ts";

export { createPuzzles, isSolvedBy } from "./puzzle.ts";

export type ChallengesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "token">;
  readonly vault: Pick<Vault, "secret">;
  readonly timetable: () => Pick<Timetable, "zone" | "policy">;
  readonly counters: Pick<RiskCounters, "attempt" | "spend" | "failed">;
  readonly limiter: Pick<RateLimiter, "take">;
};

/** Where the policy says nothing. */
const workBitsDefault = 16;
/** A person asks for a few; more is a program that collects them. */
const challengesPerMinute = { triesMax: 20, windowMs: minuteMs };

/** Whatever is answered is counted, and what a drag has shown is kept. */
const answersPerMinute = { triesMax: 3 * challengesPerMinute.triesMax, windowMs: minuteMs };
/** Eight times the work: who cannot see a picture, or would rather not, pays for it with seconds. */
const strictBitsMore = 3;
/** A picture takes two or three milliseconds: no more than a twentieth of what this process can do goes into them. Beyond that there is work. */
const picturesPerSecond = 20;
/** A drag that was shown for one challenge solves no other one for so long. */
const tracesKnownMs = hourMs;

export function createChallenges(deps: ChallengesDeps) {
  const { clock, random, vault, timetable, counters, limiter } = deps;
  const puzzles = createPuzzles(vault);
  const proofs = createChallengeProofs(vault);
  const counts = { given: 0, solved: 0, wrong: 0, over: 0, pictures: 0, doubtful: 0 };
  let drawn = { second: 0, count: 0 };

  function mayDraw(): boolean {
    const second = Math.floor(clock.now() / secondMs);
    if (second !== drawn.second) drawn = { second, count: 0 };
    return drawn.count++ < picturesPerSecond;
  }

  /** Right in its place, moved as a hand would, and not shown before. */
  async function isSlid(challengeId: string, answer: string, drag: SlideDrag | undefined): Promise<boolean> {
    const left = /^\d{1,3}$/.test(answer) ? Number(answer) : NaN;
    if (!(Math.abs(left - puzzles.slideOf(challengeId).hole.left) <= slideTolerance) || !drag) return false;
    const trace = traceOf(drag);
    const isHand =
      doubtOf(drag, left) === null &&
      (trace === null || (await counters.spend(`trace ${trace}`, challengeId, tracesKnownMs)));
    if (!isHand) counts.doubtful++;
    return isHand;
  }

  async function tooOften(what: string, userId: number, limit: typeof challengesPerMinute): Promise<Refusal | null> {
    const waitMs = await limiter.take(`${what} ${userId}`, limit);
    return waitMs === 0 ? null : refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / secondMs) });
  }

  const ownerOf = ({ userId, sessionId }: SessionView) => ({ userId, sessionId });

  function picture({ challengeId }: Puzzle) {
    const { hole, seed } = puzzles.slideOf(challengeId);
    const { board, piece } = drawSlide(seed, hole);
    counts.pictures++;
    return { board: dataOf(board), piece: dataOf(piece), pieceTop: hole.top };
  }

  const handlers: Handlers<typeof challengeRoutes> = {
    async ask({ session, body: { act, level = "light", kind: wished = "slide" } }) {
      const wait = await tooOften("challenges", session.userId, challengesPerMinute);
      if (wait) return refuse(wait);
      const { zone, policy } = timetable();
      const kind = level === "strict" && wished === "slide" && mayDraw() ? "slide" : "work";
      const bits = bitsOf(policy.policy.risk?.workBits ?? workBitsDefault, level);
      const until = epochMs(clock.now() + challengeMs);
      const puzzle: Puzzle = { challengeId: random.token(16), act, kind, level, bits, until };
      const ofEach = {
        challenge: puzzles.sign(puzzle, ownerOf(session)),
        act,
        level,
        triesMax: challengeTriesMax,
        expiresAt: formatInZone(until, zone),
      };
      counts.given++;
      const body: Challenge = kind === "work" ? { ...ofEach, kind, bits } : { ...ofEach, kind, ...picture(puzzle) };
      return ok({ status: 200, body });
    },

    async answer({ session, body: { challenge, answer, drag } }) {
      const wait = await tooOften("challenge answers", session.userId, answersPerMinute);
      if (wait) return refuse(wait);
      const owner = ownerOf(session);
      const puzzle = puzzles.read(challenge, owner);
      const now = clock.now();
      if (!puzzle || puzzle.until <= now) return refuse(refusal("ChallengeInvalid"));
      const { challengeId, act, kind, level, bits, until } = puzzle;
      const isRight = kind === "work" ? isSolvedBy(challenge, answer, bits) : await isSlid(challengeId, answer, drag);
      const triesMax = challengeTriesMax;
      const attempted = await counters.attempt(challengeId, {
        isRight,
        triesMax,
        leftMs: until - now + challengeKnownMs,
      });
      counts[attempted]++;
      if (attempted === "over") return refuse(refusal("ChallengeInvalid"));
      if (attempted === "wrong") {
        // One sign more for whoever judges the next purchase: of a challenge one, however often it was answered wrongly.
        await counters.failed(session.userId as UserId, `challenge ${challengeId}`, now);
        return refuse(refusal("ChallengeWrong"));
      }
      const proofUntil = epochMs(now + challengeProofMs);
      const proof = proofs.sign({ ...owner, act }, { challengeId, level, until: proofUntil });
      return ok({ status: 200, body: { proof, proofUntil: formatInZone(proofUntil, timetable().zone) } });
    },
  };

  return { handlers, counts };
}

const bitsOf = (bits: number, level: ChallengeLevel): number =>
  level === "light" ? bits : Math.min(workBitsMax, bits + strictBitsMore);

const dataOf = (png: Buffer): string => `data:image/png;base64,${png.toString("base64")}`;

/**
 * The bugs of those who judge purchases: of what they count, of challenges, proofs and blocks.
 *
 * Not planted, because there is one act alone: a proof for another act. `challengeProof` signs it, and a test says so.
 */
import type { PlantedBug } from "./planted.ts";

const memoryCounters = "packages/ports/risk-counters/riskCounters.memory.ts";
const challengeProof = "packages/room/challengeProof.ts";
const challenges = "packages/services/challenges/index.ts";
const puzzle = "packages/services/challenges/puzzle.ts";

export const plantedRiskBugs: readonly PlantedBug[] = [
  {
    name: "limit-shared-by-strangers",
    about: "what an account tries counts for all of them, and who did nothing is challenged",
    file: memoryCounters,
    find: "const account = accounts.of(userId);\n    const before",
    replace: "const account = accounts.of(0 as UserId);\n    const before",
  },
  {
    name: "challenge-answered-twice",
    about: "of two right answers that come together each earns a proof",
    file: memoryCounters,
    find: "if (challenge.solved || challenge.tries >= triesMax)",
    replace: "if (challenge.tries >= triesMax)",
  },
  {
    name: "challenge-of-anybody",
    about: "a challenge is solved by whoever has it, and one machine works for a thousand sessions",
    file: puzzle,
    find: "macOf(`${text}.${userId}.${sessionId}`);",
    replace: "macOf(`${text}.${typeof userId}.${typeof sessionId}`);",
  },
  {
    name: "proof-of-anybody",
    about: "what one session has earned lets another one buy",
    file: challengeProof,
    find: "macOf(`${challengeId}.${userId}.${sessionId}.${act}.${level}.${until}`);",
    replace: "macOf(`${challengeId}.${typeof userId}.${typeof sessionId}.${act}.${level}.${until}`);",
  },
  {
    name: "proof-spent-twice",
    about: "one proof lets any number of purchases through",
    file: memoryCounters,
    find: "challenge.spentBy ??= spender",
    replace: "challenge.spentBy = spender",
  },
  {
    name: "proof-not-asked-for",
    about: "who shows anything at all is let through",
    file: "packages/services/risk/index.ts",
    find: "if (proof === null || session === null) return null;",
    replace:
      'if (proof === null || session === null) return null;\n    if (proof) return { challengeId: proof, level: "strict" as ChallengeLevel, until: at + 1 };',
  },
  {
    name: "proof-too-light",
    about: "who is doubted much works as little as who is doubted a little",
    file: "packages/services/risk/index.ts",
    find: '(level === "strict" && proof.level !== "strict")',
    replace: "proof.level === null",
  },
  {
    name: "slide-solved-anywhere",
    about: "a piece may lie where it likes, and nobody has to look at the picture",
    file: challenges,
    find: "<= slideTolerance)",
    replace: "<= 280)",
  },
  {
    name: "drag-shown-again",
    about: "one drag that a person has made opens every picture whose hole is in the same place",
    file: challenges,
    find: "await counters.spend(`trace ${trace}`, challengeId, tracesKnownMs)",
    replace: "tracesKnownMs > 0",
  },
  {
    name: "block-outlives-its-end",
    about: "who was blocked is turned away until the next time that blocks are read",
    file: "packages/services/risk/blocks.ts",
    find: "(block.until === null || block.until > now)",
    replace: "now > 0",
  },
  {
    name: "block-not-heard-of",
    about: "processes know of those blocks alone that there were when they started",
    file: "packages/services/risk/room.ts",
    find: "blocksFreshMs, risk.reload,",
    replace: "blocksFreshMs, async () => {},",
  },
  {
    name: "block-of-a-stranger",
    about: "once somebody is blocked everybody is turned away",
    file: "packages/services/risk/blocks.ts",
    find: "const block = bySubject.get(subject);",
    replace: "const block = bySubject.get(subject) ?? all[0];",
  },
];

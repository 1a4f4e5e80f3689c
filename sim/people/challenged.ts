/**
 * Who is challenged: does the work, or drags the piece into its place, and has a proof for it; now and then answers twice, with another's challenge, in the
 * wrong place, with a drag that another has made, or with a proof that was another's, was used before or was too light, as programs would.
 */
import type { Challenge, ChallengeLevel, ChallengeSolved, SlideDrag } from "@chepiao/contracts";
import type { Prng, UserId } from "@chepiao/kernel";
import type { Vault } from "@chepiao/ports/vault";
import { createPuzzles, isSolvedBy } from "@chepiao/services/challenges";
import type { Life } from "../core/life.ts";
import type { Asked, Heard, RoomName } from "../world.ts";
import type { Told } from "./told.ts";

export type ChallengedDeps = {
  readonly told: Told;
  readonly life: Life;
  /** By which somebody sees where the hole is. */
  readonly vault: Vault;
  readonly userId: () => UserId;
  readonly ask: (room: RoomName, route: string, asked: Asked) => Promise<Heard | null>;
};

/** So many of those that were given last are there to be tried by others. */
const strayMax = 20;

export function createChallenged({ told, life: { chance }, vault, userId, ask }: ChallengedDeps) {
  const { judged, strayChallenges, strayProofs, strayDrags } = told;
  const puzzles = createPuzzles(vault);
  let last: string | null = null;

  function keep<T>(stray: T[], one: T) {
    stray.push(one);
    if (stray.length > strayMax) stray.shift();
  }

  const holeOf = ({ challenge }: Challenge): number => puzzles.slideOf(challenge.split(".")[0]!).hole.left;

  async function answerBy(given: Challenge, text: string, drag?: SlideDrag): Promise<string | null> {
    const body = { challenge: given.challenge, answer: text, ...(drag ? { drag } : {}) };
    const heard = await ask("challenges", "answer", { body });
    return heard?.kind === "answer" ? (heard.body as ChallengeSolved).proof : null;
  }

  async function answer(given: Challenge): Promise<string | null> {
    if (given.kind === "slide") {
      const drag = draggedTo(holeOf(given) + chance.between(-4, 4), chance);
      const proof = await answerBy(given, String(drag.points.at(-1)![1]), drag);
      if (proof !== null) keep(strayDrags, drag);
      return proof;
    }
    let tried = 0;
    while (!isSolvedBy(given.challenge, String(tried), given.bits)) tried++;
    return answerBy(given, String(tried));
  }

  async function answerStray() {
    const strange = strayChallenges.filter((each) => each.userId !== userId());
    if (strange.length === 0) return;
    if ((await answer(chance.pick(strange).challenge)) !== null)
      told.wrong.push(`account ${userId()} answered the challenge of another account`);
  }

  /** As programs do who cannot see: somewhere else, or where another's hand has been. */
  async function answerBlindly(given: Challenge) {
    if (given.kind !== "slide") return;
    const hole = holeOf(given);
    const known = strayDrags.find(({ points }) => Math.abs(points.at(-1)![1]! - hole) <= 5);
    const drag = known ?? draggedTo(hole > 130 ? hole - 30 : hole + 30, chance);
    if ((await answerBy(given, String(drag.points.at(-1)![1]), drag)) === null) return;
    if (known) judged.draggedAgain(userId());
    else told.wrong.push(`account ${userId()} solved a slide in the wrong place`);
  }

  /** A proof, now and then another's, or null where nobody gave one, or where it was given away. */
  async function solve(): Promise<string | null> {
    if (chance.chance(0.2)) await answerStray();
    if (strayProofs.length > 0 && chance.chance(0.3)) return strayProofs.at(-1)!;
    const level: ChallengeLevel = chance.chance(0.8) ? "strict" : "light";
    const kind = chance.pick(["slide", "slide", "work"] as const);
    const given = await ask("challenges", "ask", { body: { act: "purchase", level, kind } });
    if (given?.kind !== "answer") return null;
    const challenge = given.body as Challenge;
    keep(strayChallenges, { userId: userId(), challenge });
    if (chance.chance(0.2)) await answerBlindly(challenge);
    const proofs = await Promise.all(chance.chance(0.2) ? [answer(challenge), answer(challenge)] : [answer(challenge)]);
    const own = proofs.filter((proof) => proof !== null);
    if (own.length > 1) judged.answeredTwice(userId());
    told.count(own.length > 0 ? `solved a challenge by ${challenge.kind}` : "could not solve a challenge");
    last = own[0] ?? null;
    if (last === null) return null;
    judged.earned(userId(), last, challenge.level);
    keep(strayProofs, last);
    // As who solves them for others: it is there for whoever comes next, and not spent.
    if (chance.chance(0.25)) return null;
    return last;
  }

  /** What to show with a new purchase: mostly nothing, and now and then what was used before or is another's. */
  const first = (): string | null =>
    chance.chance(0.2) ? last : strayProofs.length > 0 && chance.chance(0.1) ? chance.pick(strayProofs) : null;

  return { solve, first };
}

/** As a hand does it: slowly, quickly, slowly, and never quite straight. */
function draggedTo(left: number, chance: Pick<Prng, "next" | "below">): SlideDrag {
  const steps = 14 + chance.below(10);
  let ms = 0;
  const points = Array.from({ length: steps + 1 }, (_, n) => {
    if (n > 0) ms += 14 + chance.below(25);
    const done = n / steps;
    return [ms, Math.round(left * done * done * (3 - 2 * done)), Math.round(chance.next() * 6)];
  });
  return { by: "pointer", points };
}

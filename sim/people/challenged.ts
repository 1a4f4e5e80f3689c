/**
 * Who is challenged: does the work and has a proof for it; now and then answers twice, with another's challenge, or with a proof that was another's or
 * was used before, as programs would.
 */
import type { Challenge, ChallengeSolved } from "@chepiao/contracts";
import type { UserId } from "@chepiao/kernel";
import { isSolvedBy } from "@chepiao/services/challenges";
import type { Life } from "../core/life.ts";
import type { Asked, Heard, RoomName } from "../world.ts";
import type { Told } from "./told.ts";

export type ChallengedDeps = {
  readonly told: Told;
  readonly life: Life;
  readonly userId: () => UserId;
  readonly ask: (room: RoomName, route: string, asked: Asked) => Promise<Heard | null>;
};

/** So many of those that were given last are there to be tried by others. */
const strayMax = 20;

export function createChallenged({ told, life: { chance }, userId, ask }: ChallengedDeps) {
  const { judged, strayChallenges, strayProofs } = told;
  let last: string | null = null;

  function keep<T>(stray: T[], one: T) {
    stray.push(one);
    if (stray.length > strayMax) stray.shift();
  }

  async function answer({ challenge, bits }: Challenge): Promise<string | null> {
    let tried = 0;
    while (!isSolvedBy(challenge, String(tried), bits)) tried++;
    const heard = await ask("challenges", "answer", { body: { challenge, answer: String(tried) } });
    return heard?.kind === "answer" ? (heard.body as ChallengeSolved).proof : null;
  }

  async function answerStray() {
    const strange = strayChallenges.filter((each) => each.userId !== userId());
    if (strange.length === 0) return;
    if ((await answer(chance.pick(strange).challenge)) !== null)
      told.wrong.push(`account ${userId()} answered the challenge of another account`);
  }

  /** A proof, or null where nobody gave one. */
  async function solve(): Promise<string | null> {
    if (chance.chance(0.2)) await answerStray();
    const given = await ask("challenges", "ask", { body: { act: "purchase" } });
    if (given?.kind !== "answer") return null;
    const challenge = given.body as Challenge;
    keep(strayChallenges, { userId: userId(), challenge });
    const proofs = await Promise.all(chance.chance(0.2) ? [answer(challenge), answer(challenge)] : [answer(challenge)]);
    const own = proofs.filter((proof) => proof !== null);
    if (own.length > 1) judged.answeredTwice(userId());
    told.count(own.length > 0 ? "solved a challenge" : "could not solve a challenge");
    last = own[0] ?? null;
    if (last === null) return null;
    judged.earned(userId(), last);
    keep(strayProofs, last);
    return last;
  }

  /** What to show with a new purchase: mostly nothing, and now and then what was used before or is another's. */
  const first = (): string | null =>
    chance.chance(0.2) ? last : strayProofs.length > 0 && chance.chance(0.1) ? chance.pick(strayProofs) : null;

  return { solve, first };
}

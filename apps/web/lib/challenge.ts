/**
 * Solves a challenge: with the machine's work, beside whatever the page does, or by a picture that the person puts right. Loaded only by who is
 * challenged.
 */
import type { ChallengeAct, ChallengeLevel, ChallengeSolved, SlideChallenge, WorkChallenge } from "@chepiao/contracts";
import { ask, isRefused } from "./api.ts";
import { hashesFrom } from "./sha256.ts";
import { askSlide, endSlide, type SlideAsked } from "./slideAsked.ts";

/** Half of the time between two pictures of a screen: typing and scrolling go on. */
const sliceMs = 8;
const hashesBetweenLooks = 200;

/** The proof for the header of one purchase; null for who would rather not. */
export async function proofOf(act: ChallengeAct, level: ChallengeLevel): Promise<string | null> {
  if (level === "light") return byWork(act, level);
  try {
    return await bySlide(act);
  } finally {
    endSlide();
  }
}

/** One that ended while a slow machine was at it is asked for once more. */
async function byWork(act: ChallengeAct, level: ChallengeLevel): Promise<string> {
  const solve = async () => {
    const given = await ask("POST /api/challenges", { body: { act, level, kind: "work" } });
    return worked(given as WorkChallenge);
  };
  try {
    return await solve();
  } catch (error) {
    if (!isRefused(error, "ChallengeInvalid")) throw error;
    return solve();
  }
}

async function worked({ challenge, bits }: WorkChallenge): Promise<string> {
  const answer = await workOn(challenge, bits);
  return (await ask("POST /api/challenges/answer", { body: { challenge, answer } })).proof;
}

async function bySlide(act: ChallengeAct): Promise<string | null> {
  let after: SlideAsked["after"] = null;
  for (;;) {
    const given = await ask("POST /api/challenges", { body: { act, level: "strict", kind: "slide" } });
    // Where there are too many to draw for.
    if (given.kind === "work") return worked(given);
    const done = await slid(given, after);
    if (done === "work") {
      endSlide();
      return byWork(act, "strict");
    }
    if (done === null || typeof done === "object") return done?.proof ?? null;
    after = done === "over" ? "over" : null;
  }
}

/** Until it is solved, or nothing can be made of this picture any more. */
async function slid(
  slide: SlideChallenge,
  before: SlideAsked["after"],
): Promise<ChallengeSolved | "work" | "another" | "over" | null> {
  for (let after = before; ; after = "wrong") {
    const drag = await askSlide(slide, after);
    if (drag === null || typeof drag === "string") return drag;
    const { challenge } = slide;
    const answer = String(drag.points.at(-1)![1]);
    try {
      return await ask("POST /api/challenges/answer", { body: { challenge, answer, drag } });
    } catch (error) {
      if (isRefused(error, "ChallengeInvalid")) return "over";
      if (!isRefused(error, "ChallengeWrong")) throw error;
    }
  }
}

/** A text after which the hash of challenge, dot and text begins with so many zero bits. */
export async function workOn(challenge: string, bits: number): Promise<string> {
  const hashOf = hashesFrom(`${challenge}.`);
  for (let tried = 0; ;) {
    const end = performance.now() + sliceMs;
    do {
      for (const last = tried + hashesBetweenLooks; tried < last; tried++)
        if (Math.clz32(hashOf(String(tried))) >= bits) return String(tried);
    } while (performance.now() < end);
    await pause();
  }
}

/** Not a timer: of a tab in the background these come once a second. */
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const goOn = () => {
      port1.close();
      resolve();
    };
    port1.addEventListener("message", goOn, { once: true });
    port1.start();
    port2.postMessage(null);
  });

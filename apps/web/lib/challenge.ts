/**
 * Solves a challenge with the machine's work, beside whatever the page does: nothing to see, nothing to drag. Loaded only by who is challenged.
 */
import type { ChallengeAct } from "@chepiao/contracts";
import { ask, isRefused } from "./api.ts";
import { hashesFrom } from "./sha256.ts";

/** Half of the time between two pictures of a screen: typing and scrolling go on. */
const sliceMs = 8;
const hashesBetweenLooks = 200;

/** The proof for the header of one purchase. One that ended while a slow machine was at it is asked for once more. */
export async function proofOf(act: ChallengeAct): Promise<string> {
  try {
    return await solve(act);
  } catch (error) {
    if (!isRefused(error, "ChallengeInvalid")) throw error;
    return solve(act);
  }
}

async function solve(act: ChallengeAct): Promise<string> {
  const { challenge, bits } = await ask("POST /api/challenges", { body: { act } });
  const answer = await workOn(challenge, bits);
  return (await ask("POST /api/challenges/answer", { body: { challenge, answer } })).proof;
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

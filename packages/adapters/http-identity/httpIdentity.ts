/**
 * Asks a verifier elsewhere: one signed question a person, one signed answer, within a deadline. A verifier that fails again and again is left in
 * peace for a while, so that neither it nor the people who wait are held up by questions that will not be answered.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  type Identity,
  type IdentityVerdict,
  identityVerdicts,
  type IdentityVerifier,
} from "@chepiao/ports/identity-verifier";
import type { Random } from "@chepiao/ports/random";
import { type TlsOptions, tlsTrouble } from "@chepiao/adapters/engine-address";
import { fieldsOf, textUpTo } from "./body.ts";
import { headerNames, isSame, signAnswer, signQuestion } from "./signing.ts";

export type HttpIdentityDeps = {
  readonly url: string;
  /** Shared with the verifier. */
  readonly key: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Who is trusted there and who we are, where the address is https. */
  readonly tls?: TlsOptions | null;
  /** The network, where it is left out. */
  readonly ask?: (request: Request) => Promise<Response | null>;
};

/** Somebody waits who opens an account or saves a passenger. */
export const answerTimeoutMs = 3 * secondMs;
const answerBytesMax = 4_096;
const askedAtOnceMax = 64;
/** One person of whom it could say nothing is no outage. */
const failuresBeforeRest = 3;
const restMsFirst = secondMs;
const restMsMax = minuteMs;

const away = (why: string, cause?: unknown) =>
  new ServiceUnavailable("the identity verifier", why, 1, cause === undefined ? {} : { cause });

export function createHttpIdentity(deps: HttpIdentityDeps): IdentityVerifier {
  const { url, key, clock, random, tls = null } = deps;
  const ask = deps.ask ?? ((request: Request) => fetch(request, tls === null ? {} : { tls }));
  const rests = createRests(clock);
  let underWay = 0;

  async function answerTo(identity: Identity, signal: AbortSignal): Promise<IdentityVerdict> {
    const { name, documentType, documentNumber } = identity;
    const body = JSON.stringify({ name, documentType, documentNumber });
    const question = { at: String(clock.now()), nonce: random.token(16), body };
    const request = new Request(url, {
      method: "POST",
      // Nobody sends names and numbers elsewhere.
      redirect: "error",
      headers: {
        "content-type": "application/json",
        [headerNames.at]: question.at,
        [headerNames.nonce]: question.nonce,
        [headerNames.signature]: signQuestion(key, question),
      },
      body,
      signal,
    });
    const response = await ask(request).catch((error: unknown) => {
      throw away(tlsTrouble(error) ?? "it cannot be reached", error);
    });
    if (!response) throw away("nobody answers at its address");
    if (response.status === 429 || response.status >= 500) {
      rests.atLeast(Number(response.headers.get("retry-after")) * secondMs || 0);
      throw away(`it answers ${response.status}`);
    }
    const text = await textUpTo(answerBytesMax, response);
    if (response.status !== 200)
      throw new Error(`the identity verifier does not take our question: ${response.status}`);
    if (text === null) throw new Error("the identity verifier's answer has no end");
    const signature = response.headers.get(headerNames.signature) ?? "";
    if (!isSame(signature, signAnswer(key, { nonce: question.nonce, body: text })))
      throw new Error("an answer is not signed by the identity verifier: IDENTITY_VERIFIER_KEY is another there");
    return verdictIn(text);
  }

  return {
    async verify(identity) {
      rests.assertOver();
      if (underWay >= askedAtOnceMax) throw away("it is asked about many people already");
      underWay++;
      try {
        const verdict = await within(clock, answerTimeoutMs, (signal) => answerTo(identity, signal));
        rests.answered();
        return verdict;
      } catch (error) {
        rests.failed();
        throw error;
      } finally {
        underWay--;
      }
    },
  };
}

function verdictIn(text: string): IdentityVerdict {
  const { verdict } = fieldsOf(text);
  const known = identityVerdicts.find((each) => each === verdict);
  if (known === undefined) throw new Error("the identity verifier's answer is none that we know");
  return known;
}

/** Whoever does the work may be deaf to the signal: it is not waited for. */
async function within<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborting = new AbortController();
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      reject(away("it did not answer in time"));
      aborting.abort();
    });
  });
  try {
    return await Promise.race([work(aborting.signal), tooLate]);
  } finally {
    cancel();
  }
}

/** Longer after every failure that follows a rest; one answer ends them. */
function createRests(clock: Pick<Clock, "now">) {
  let failures = 0;
  let restMs = restMsFirst;
  let until = epochMs(0);

  const rest = (ms: number) => {
    until = epochMs(Math.max(until, clock.now() + Math.min(ms, restMsMax)));
  };
  return {
    assertOver() {
      if (clock.now() < until) throw away("it failed again and again, and is not asked for a moment");
    },
    /** As it asks for itself. */
    atLeast: (ms: number) => ms > 0 && rest(ms),
    answered() {
      failures = 0;
      restMs = restMsFirst;
    },
    failed() {
      if (++failures < failuresBeforeRest || clock.now() < until) return;
      rest(restMs);
      restMs *= 2;
    },
  };
}

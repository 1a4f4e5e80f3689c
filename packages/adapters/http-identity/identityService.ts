/** The other end of the protocol, in front of any verifier: a register to practise with, or a railway's own that is written in TypeScript. */
import { documentTypes, ServiceUnavailable } from "@chepiao/contracts";
import { minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Identity, IdentityVerifier } from "@chepiao/ports/identity-verifier";
import { fieldsOf, textUpTo } from "./body.ts";
import { headerNames, isSame, signAnswer, signQuestion } from "./signing.ts";

export type IdentityServiceDeps = {
  /** What is answered there; null is answered for everything else. */
  readonly path: string;
  /** More than one while a key is being changed: the answer is signed with that of its question. */
  readonly keys: readonly string[];
  readonly verifier: IdentityVerifier;
  readonly clock: Pick<Clock, "now">;
};

export type IdentityService = { fetch(request: Request): Promise<Response | null> };

const questionBytesMax = 4_096;
/** How far clocks may be apart. An older question that was overheard tells its answer to nobody. */
const questionAgeMsMax = 5 * minuteMs;

export function createIdentityService({ path, keys, verifier, clock }: IdentityServiceDeps): IdentityService {
  function keyOf({ headers }: Request, body: string): string | null {
    const [at, nonce, given] = [headerNames.at, headerNames.nonce, headerNames.signature].map(
      (name) => headers.get(name) ?? "",
    ) as [string, string, string];
    if (!(Math.abs(clock.now() - Number(at)) <= questionAgeMsMax) || nonce === "") return null;
    return keys.find((key) => isSame(given, signQuestion(key, { at, nonce, body }))) ?? null;
  }

  async function answer(request: Request): Promise<Response> {
    const body = await textUpTo(questionBytesMax, request);
    if (body === null) return fault(413, "too long");
    const key = keyOf(request, body);
    if (key === null) return fault(401, "not signed with a key that is known here, or at another time");
    const identity = identityIn(body);
    if (identity === null) return fault(400, "not understood");
    const said = JSON.stringify({ verdict: await verifier.verify(identity) });
    const signature = signAnswer(key, { nonce: request.headers.get(headerNames.nonce)!, body: said });
    return new Response(said, {
      headers: { "content-type": "application/json", [headerNames.signature]: signature },
    });
  }

  return {
    async fetch(request) {
      if (new URL(request.url).pathname !== path) return null;
      if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
      try {
        return await answer(request);
      } catch (error) {
        if (error instanceof ServiceUnavailable) return fault(503, "nobody can say now");
        throw error;
      }
    },
  };
}

const fault = (status: number, error: string): Response => Response.json({ error }, { status });

function identityIn(body: string): Identity | null {
  const { name, documentType, documentNumber } = fieldsOf(body);
  const type = documentTypes.find((each) => each === documentType);
  if (type === undefined || !isText(name, 200) || !isText(documentNumber, 64)) return null;
  return { name, documentType: type, documentNumber };
}

const isText = (value: unknown, lengthMax: number): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= lengthMax;

/**
 * Who may knock at a role's inner door: processes of this platform. Roles listen on an address of their own, which the public
 * does not reach; and because one open port would otherwise be enough to hold every seat or to read who travels, a process that knocks
 * signs what it asks (`signature.ts`), with a key that follows from the platform's.
 *
 * There is a key for each role and each room that it calls, and one for the gateway and each role that it passes requests on to. So no
 * role can speak in another's name, and what a gateway signs opens the public routes of that role and no call between roles: it goes out
 * with requests that strangers wrote, and should one of them ever name another path, that path stays shut.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { bodyBytesMax, secondMs } from "@chepiao/kernel";
import type { RouteFunction, RouteRequest } from "../http/bind.ts";
import { readBytes } from "../http/body.ts";
import type { ServerSeen } from "../http/exchange.ts";
import { targetOf } from "../http/pass.ts";
import { problemResponse } from "../http/replies.ts";
import { believedMs, digestOf, emptyDigest, type Guard, type Verdict } from "./signature.ts";
import { inTrace, type Trace, traceOf } from "./trace.ts";

/** By what name the keys have them. */
export const insideLabels = {
  passing: (role: string) => `gateway to ${role}`,
  calling: (caller: string, room: string) => `${caller} calls ${room}`,
} as const;

/** Said to a caller that has the key, and why: so that an operator hears of clocks that differ, and a caller whether to sign anew. */
const refusedHeader = "x-chepiao-refused";

type Refused = Exclude<Verdict, { readonly ok: true }>;

export function turnedAway(refused: Refused, { traceId }: Trace): Response {
  const response = problemResponse(refusal("NotAllowed"), { language: "en", traceId, secure: false });
  if (refused.why === "clock") response.headers.set(refusedHeader, `clock ${Math.round(refused.behindMs / secondMs)}`);
  else if (refused.why !== "unknown") response.headers.set(refusedHeader, refused.why);
  return response;
}

/** What an answer says of a signature; null where it is an answer of the room itself. */
export function refusedIn(headers: Headers): { readonly says: string; readonly mayTryAgain: boolean } | null {
  const said = headers.get(refusedHeader);
  if (said === null) return null;
  const [why, seconds] = said.split(" ");
  if (why !== "clock")
    return { says: `took our signature for one that it ${whys[why!] ?? "does not take"}`, mayTryAgain: true };
  const apart = `${Math.abs(Number(seconds))} s ${Number(seconds) > 0 ? "ahead of" : "behind"} ours`;
  return {
    says: `has a clock ${apart}, and calls are believed for ${believedMs / secondMs} s: the machines' clocks have to be synchronised`,
    mayTryAgain: false,
  };
}
const whys: Readonly<Record<string, string>> = {
  again: "had heard before",
  before: "cannot know, because it has just begun",
};

/** It counts what an account asks by what it is told with answers. */
const forGateway = (server: ServerSeen): ServerSeen => ({
  requestIP: (request) => server.requestIP(request),
  tellsAccount: true,
});

/** The public routes of a role: for the gateway alone, which has seen to who is calling, and in the trace it sends along. */
export const insideOnly =
  (guard: Guard) =>
  (answer: RouteFunction): RouteFunction => {
    const refuse = (why: Refusal, { traceId }: Trace) =>
      problemResponse(why, { language: "en", traceId, secure: false });
    return (request, server) => {
      const { method, url, headers } = request;
      const trace = traceOf(headers);
      const verdict = guard({ method, target: targetOf(url), headers });
      if (!verdict.ok) return turnedAway(verdict, trace);
      if (method === "GET" || method === "HEAD") {
        return verdict.digest === emptyDigest
          ? inTrace(trace, () => answer(request, forGateway(server)))
          : refuse(refusal("NotAllowed"), trace);
      }
      return withBody(request, server, verdict.digest);
    };

    async function withBody(request: RouteRequest, server: ServerSeen, digest: string): Promise<Response> {
      const trace = traceOf(request.headers);
      const bytes = await readBytes(request, bodyBytesMax);
      if (bytes === null) return refuse(refusal("BodyTooLarge"), trace);
      if (digestOf(bytes) !== digest) return refuse(refusal("NotAllowed"), trace);
      const { method, headers, signal } = request;
      const same = new Request(request.url, { method, headers, signal, body: bytes.length === 0 ? null : bytes });
      const read = Object.assign(same, { params: request.params }) as RouteRequest;
      return inTrace(trace, () => answer(read, forGateway({ requestIP: () => server.requestIP(request) })));
    }
  };

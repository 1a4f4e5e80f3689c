/**
 * How requests go on from one server to another, unread: what belongs to a connection stays, everything else flows through. Here
 * for threads of one process, which pass on over a socket in the file system; the gateway does the same between processes.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { bodyBytesMax, ok, refuse, type Result } from "@chepiao/kernel";
import { readBytes } from "./body.ts";
import { refusedTo, type ServerSeen } from "./exchange.ts";
import { clientClosedRequest } from "./replies.ts";
import type { Streamed } from "./streams.ts";

/** Of one connection, not of the request. */
const ofConnection = [
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "proxy-connection",
] as const;
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Takes away what was meant for the connection it came by: what always is, and what `Connection` names (RFC 9110, 7.6.1). To be
 * called before fields of our own are set, so that a caller cannot name those away.
 */
export function leaveConnection(headers: Headers): void {
  for (const named of headers.get("connection")?.split(",") ?? []) {
    const name = named.trim().toLowerCase();
    // Whom it asks is of the request, whatever its sender says.
    if (fieldName.test(name) && name !== "host") headers.delete(name);
  }
  for (const name of ofConnection) headers.delete(name);
}

/** Path and query as they came, of an address without dots to be worked out. */
export const targetOf = (url: string): string => url.slice(url.indexOf("/", "https://".length));

/** What is passed on of a body, in one piece. Nobody behind us takes a longer one, so it is refused here. */
export async function bodyOf(request: Request): Promise<Result<Uint8Array<ArrayBuffer> | null, Refusal>> {
  if (request.method === "GET" || request.method === "HEAD") return ok(null);
  const body = await readBytes(request, bodyBytesMax);
  if (body === null) return refuse(refusal("BodyTooLarge"));
  return ok(body.length === 0 ? null : body);
}

/** Whom the passing thread saw at its door. Believed on the inner socket alone, which only this process opens. */
const peerHeader = "x-chepiao-peer";
const peer: ServerSeen = {
  requestIP: ({ headers }) => ({ address: headers.get(peerHeader) ?? "unknown" }),
  tellsAccount: true,
};

/** With an answer: the account whose request it was. It goes to the gateway that passed the request on, and no further. */
export const accountHeader = "x-chepiao-account";

/** Hears whose a request was that was answered elsewhere. */
export type Learned = (request: Request, userId: number) => void;

/** The same answer to a request that was passed on: it sees the address that was seen at the door. */
export const passedOn =
  <R extends Request, A>(answer: (request: R, server: ServerSeen) => A) =>
  (request: R): A =>
    answer(request, peer);

export type PassOn = (request: Request, server: ServerSeen) => Promise<Response>;

/** Passes everything on to the server that listens on that socket. */
export const createPassOn =
  (socket: string) =>
  (streamed: Streamed, learned: Learned): PassOn =>
  async (request, server) => {
    const headers = new Headers(request.headers);
    leaveConnection(headers);
    headers.set(peerHeader, server.requestIP(request)?.address ?? "unknown");
    const refused = (why: Refusal) => refusedTo(request, why, false);
    try {
      const body = await bodyOf(request);
      if (!body.ok) return refused(body.error);
      const answer = await fetch(`http://core${targetOf(request.url)}`, {
        unix: socket,
        method: request.method,
        headers,
        body: body.value,
        redirect: "manual",
        decompress: false,
        signal: request.signal,
      });
      return handBack(request, answer, { streamed, learned });
    } catch {
      if (request.signal.aborted) return new Response(null, { status: clientClosedRequest });
      return refused(refusal("ServiceUnavailable", { retryAfterSeconds: 1 }));
    }
  };

type HandBack = {
  readonly streamed: Streamed;
  readonly learned: Learned;
  /** Set on the answer. */
  readonly more?: Readonly<Record<string, string>>;
};

/** The answer as it came, but for what was meant for us. */
export function handBack(request: Request, answer: Response, { streamed, learned, more = {} }: HandBack): Response {
  const headers = new Headers(answer.headers);
  leaveConnection(headers);
  const account = headers.get(accountHeader);
  headers.delete(accountHeader);
  if (account !== null) learned(request, Number(account));
  for (const name in more) headers.set(name, more[name]!);
  const response = new Response(answer.body, { status: answer.status, headers });
  return headers.get("content-type")?.startsWith("text/event-stream") ? streamed(request, response) : response;
}

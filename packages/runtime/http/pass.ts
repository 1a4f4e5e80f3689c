/**
 * How requests go on from one server to another, unread: what belongs to a connection stays, everything else flows through. Here
 * for threads of one process, which pass on over a socket in the file system; the gateway does the same between processes.
 */
import { refusal } from "@chepiao/contracts";
import { bodyBytesMax } from "@chepiao/kernel";
import { languageOf, type ServerSeen, traceIdOf } from "./exchange.ts";
import { clientClosedRequest, problemResponse } from "./replies.ts";
import type { Streamed } from "./streams.ts";

/** Of one connection, not of the request (RFC 9110, 7.6.1). */
export const ofConnection: readonly string[] = [
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "proxy-connection",
];

/** Path and query exactly as they came. */
export const targetOf = (url: string): string => url.slice(url.indexOf("/", "https://".length));

/** A body of the length that we take is passed on in one piece, which costs far less; any other flows through. */
export async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | ReadableStream | null> {
  const length = request.headers.get("content-length");
  const isLong = length === null || Number(length) > bodyBytesMax;
  // Looking at `body` makes a stream of it: left alone where one is there for certain.
  return isLong || request.method === "GET" || request.method === "HEAD" ? request.body : request.bytes();
}

/** Whom the passing thread saw at its door. Believed on the inner socket alone, which only this process opens. */
const peerHeader = "x-chepiao-peer";
const peer: ServerSeen = { requestIP: ({ headers }) => ({ address: headers.get(peerHeader) ?? "unknown" }) };

/** The same answer to a request that was passed on: it sees the address that was seen at the door. */
export const passedOn =
  <R extends Request, A>(answer: (request: R, server: ServerSeen) => A) =>
  (request: R): A =>
    answer(request, peer);

export type PassOn = (request: Request, server: ServerSeen) => Promise<Response>;

/** Passes everything on to whoever listens on that socket. */
export const createPassOn =
  (socket: string) =>
  (streamed: Streamed): PassOn =>
  async (request, server) => {
    const headers = new Headers(request.headers);
    for (const name of ofConnection) headers.delete(name);
    headers.set(peerHeader, server.requestIP(request)?.address ?? "unknown");
    try {
      const answer = await fetch(`http://core${targetOf(request.url)}`, {
        unix: socket,
        method: request.method,
        headers,
        body: await bodyOf(request),
        redirect: "manual",
        decompress: false,
        signal: request.signal,
      });
      return handBack(request, answer, streamed);
    } catch {
      if (request.signal.aborted) return new Response(null, { status: clientClosedRequest });
      return problemResponse(refusal("ServiceUnavailable", { retryAfterSeconds: 1 }), {
        language: languageOf(request.headers.get("accept-language")),
        traceId: traceIdOf(request.headers.get("traceparent")),
        secure: false,
      });
    }
  };

function handBack(request: Request, answer: Response, streamed: Streamed): Response {
  const headers = new Headers(answer.headers);
  // That a connection should close is said of the caller's, too: what he still sends is not read.
  for (const name of ofConnection) if (name !== "connection") headers.delete(name);
  const response = new Response(answer.body, { status: answer.status, headers });
  return headers.get("content-type")?.startsWith("text/event-stream") ? streamed(request, response) : response;
}

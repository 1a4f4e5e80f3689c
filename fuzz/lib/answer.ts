/** HTTP/1.1 answers out of the bytes of a connection: read strictly, because an answer that only some clients understand is a fault. */

export type Answer = {
  readonly status: number;
  /** Names in lower case; what came twice is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** An answer that goes on, such as an event stream: the body is what had come so far. */
  readonly goesOn: boolean;
};

/** `used`: how many bytes belonged to the answer; the next one begins there. */
export type Read = { readonly answer: Answer; readonly used: number } | "more" | "notHttp";

const headEnd = Buffer.from("\r\n\r\n");
const statusLine = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?$/;

/**
 * @param toHead the answer is to a HEAD request and has no body, whatever it says
 * @param ended nothing more will come: a body without a length ends here
 */
export function readAnswer(bytes: Buffer, toHead: boolean, ended = false): Read {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return startsLikeHttp(bytes) ? "more" : "notHttp";
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(statusLine.exec(first)?.[1] ?? 0);
  if (status < 100) return "notHttp";
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) return "notHttp";
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const start = end + headEnd.length;
  const whole = (body: Buffer, used: number, goesOn = false): Read => ({
    answer: { status, headers, body, goesOn },
    used,
  });
  if (status < 200) return shifted(readAnswer(bytes.subarray(start), toHead, ended), start);
  if (toHead || status === 204 || status === 304) return whole(Buffer.alloc(0), start);
  if (headers.get("content-type")?.startsWith("text/event-stream"))
    return whole(bytes.subarray(start), bytes.length, true);
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") {
    const chunks = readChunks(bytes, start);
    return typeof chunks === "string" ? chunks : whole(chunks.body, chunks.used);
  }
  const said = headers.get("content-length");
  if (said === undefined) return ended ? whole(bytes.subarray(start), bytes.length) : "more";
  if (!/^\d+$/.test(said)) return "notHttp";
  const length = Number(said);
  return bytes.length < start + length ? "more" : whole(bytes.subarray(start, start + length), start + length);
}

const shifted = (read: Read, by: number): Read =>
  typeof read === "string" ? read : { answer: read.answer, used: read.used + by };

const startsLikeHttp = (bytes: Buffer): boolean => {
  const beginning = bytes.toString("latin1", 0, Math.min(bytes.length, 7));
  return "HTTP/1.".startsWith(beginning);
};

function readChunks(bytes: Buffer, from: number): { body: Buffer; used: number } | "more" | "notHttp" {
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return "more";
    const size = /^[\da-f]+/i.exec(bytes.toString("latin1", at, lineEnd))?.[0];
    if (size === undefined) return "notHttp";
    const length = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (bytes.length < at + length + 2) return "more";
    if (length === 0) return { body: Buffer.concat(parts), used: at + 2 };
    parts.push(bytes.subarray(at, at + length));
    at += length + 2;
  }
}

/** A request before it is bytes: what is drawn, changed by mutations, sent, and shown when its answer is wrong. */
import type { Operation } from "./document.ts";

export type Account = {
  readonly userId: number;
  /** Of its session, or of the next one once that was ended by a request that meant something else. */
  token: string;
  readonly passengerIds: readonly number[];
  /** Of those that log in again. */
  readonly credentials?: { readonly username: string; readonly password: string };
};

export type FuzzRequest = {
  method: string;
  /** Path and query as they go on the wire. */
  target: string;
  headers: [name: string, value: string][];
  body: Buffer | null;
  /** Sent in chunks of so many bytes, without a length; null: with its length. */
  chunkBytes: number | null;
  /** Whose session it carries, as far as that is certain. */
  account: Account | null;
  /** Which operation it is held against. */
  operation: Operation | null;
  /** Its answer must be one that the operation declares. Otherwise only what holds for any request is asked. */
  strict: boolean;
  /** What was done to it, for the report. */
  readonly how: string[];
};

/** Beyond this the HTTP parser may say 431 before our code has seen the request. */
const headBytesMax = 12_000;
/** Control characters but for tabs. */
const control = /(?!\t)\p{Cc}/u;

/** Whether the head is one that a parser has to take: of a bearable length, without control characters. */
export function isSound({ target, headers }: FuzzRequest): boolean {
  let bytes = Buffer.byteLength(target);
  for (const [name, value] of headers) {
    if (control.test(value)) return false;
    bytes += name.length + Buffer.byteLength(value);
  }
  return bytes < headBytesMax;
}

/** Lines of the head are sent as UTF-8, so that letters beyond ASCII are what a careless client would send. */
export function bytesOf(request: FuzzRequest, host: string): Buffer {
  const { body } = request;
  let head = `${request.method} ${request.target} HTTP/1.1\r\n`;
  if (!has(request, "host")) head += `host: ${host}\r\n`;
  for (const [name, value] of request.headers) head += `${name}: ${value}\r\n`;
  if (body !== null && request.chunkBytes !== null) {
    head += "transfer-encoding: chunked\r\n\r\n";
    return Buffer.concat([Buffer.from(head), ...chunked(body, request.chunkBytes)]);
  }
  if (body !== null) head += `content-length: ${body.length}\r\n`;
  head += "\r\n";
  return body === null || body.length === 0 ? Buffer.from(head) : Buffer.concat([Buffer.from(head), body]);
}

function* chunked(body: Buffer, chunkBytes: number): Generator<Buffer> {
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    yield Buffer.from(`${chunk.length.toString(16)}\r\n`);
    yield chunk;
    yield Buffer.from("\r\n");
  }
  yield Buffer.from("0\r\n\r\n");
}

const has = ({ headers }: FuzzRequest, wanted: string): boolean =>
  headers.some(([name]) => name.toLowerCase() === wanted);

export const headersNamed = ({ headers }: FuzzRequest, wanted: string): string[] =>
  headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value.trim());

export const withoutHeader = (request: FuzzRequest, unwanted: string): void => {
  request.headers = request.headers.filter(([name]) => name.toLowerCase() !== unwanted);
};

const shownBytesMax = 2_000;
const headersShownMax = 12;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** For a person: a line that sends it again, and the bytes where a shell could not carry them. */
export function shown(request: FuzzRequest, url: string): string {
  const { method, target, headers, body } = request;
  const parts = [`curl -i --path-as-is -X ${quoted(method)}`];
  for (const [name, value] of headers.slice(0, headersShownMax)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (headers.length > headersShownMax) parts.push(`(and ${headers.length - headersShownMax} more headers)`);
  if (request.chunkBytes !== null) parts.push(`-H 'transfer-encoding: chunked'`);
  const text = body?.toString() ?? "";
  const isPlain =
    body === null || (body.length <= shownBytesMax && Buffer.from(text).equals(body) && !text.includes("\0"));
  if (body !== null) parts.push(isPlain ? `--data-binary ${quoted(text)}` : "--data-binary @body");
  parts.push(quoted(url + target));
  const bodyLine = isPlain
    ? []
    : [`  body, ${body.length} bytes, base64: ${body.toString("base64").slice(0, shownBytesMax)}`];
  return [
    `  ${request.operation?.id ?? "(no route)"}: ${request.how.join(", ") || "as it is"}`,
    `  ${parts.join(" ")}`,
    ...bodyLine,
  ].join("\n");
}

/**
 * Bytes that no HTTP client would send: broken heads, bodies with two lengths, requests in halves. They may be answered or hung up on;
 * they may not be answered with a failure of ours, and nobody else may notice.
 */
import type { Prng } from "@chepiao/kernel";
import type { FuzzRequest } from "./request.ts";

const crlf = "\r\n";

/** In pieces, between which a moment passes. */
export function drawRaw(from: FuzzRequest, prng: Prng, host: string): Buffer[] {
  const [name, make] = prng.pick(kinds);
  const pieces = make(from, prng, host);
  from.how.push(`raw: ${name}`);
  return pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece, "latin1") : piece));
}

type Kind = (from: FuzzRequest, prng: Prng, host: string) => (string | Buffer)[];

const linesOf = ({ headers }: FuzzRequest, host: string): string =>
  [["host", host], ...headers].map(([name, value]) => `${name}: ${value}`).join(crlf);
const whole = (request: FuzzRequest, host: string, more = "", body = request.body?.toString("latin1") ?? ""): string =>
  `${request.method} ${request.target} HTTP/1.1${crlf}${linesOf(request, host)}${crlf}${more}${crlf}${body}`;
const lengthOf = ({ body }: FuzzRequest): string => `content-length: ${body?.length ?? 0}${crlf}`;

const kinds: [string, Kind][] = Object.entries({
  "line of rubbish": (_, prng) => [
    prng.pick([
      "\0\0\0\0\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      " \r\n\r\n",
      "\r\n\r\n\r\n",
      "GET  /  HTTP/1.1\r\n\r\n",
    ]),
  ],
  "other protocols": (_, prng) => [
    prng.pick([
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
      "GET /\r\n",
      "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
      "SSH-2.0-x\r\n",
    ]),
  ],
  "old protocol": (request, _, host) => [whole(request, host, lengthOf(request)).replace("HTTP/1.1", "HTTP/1.0")],
  "no host": (request) => [`${request.method} ${request.target} HTTP/1.1${crlf}${crlf}`],
  "two hosts": (request, _, host) => [whole(request, host, `host: other${crlf}${lengthOf(request)}`)],
  "two lengths": (request, _, host) => [
    whole(request, host, `content-length: 5${crlf}content-length: 6${crlf}`, "abcdef"),
  ],
  "length and chunks": (request, _, host) => [
    whole(
      request,
      host,
      `content-length: 4${crlf}transfer-encoding: chunked${crlf}`,
      `1${crlf}a${crlf}0${crlf}${crlf}GET /healthz HTTP/1.1${crlf}host: a${crlf}${crlf}`,
    ),
  ],
  "strange length": (request, prng, host) => [
    whole(
      request,
      host,
      `content-length: ${prng.pick(["-1", "+5", "0x5", "5 5", "1e2", "99999999999999999999", "", "5,5", "９"])}${crlf}`,
      "{}",
    ),
  ],
  "strange encoding": (request, prng, host) => [
    whole(
      request,
      host,
      `transfer-encoding: ${prng.pick(["gzip", "chunked, chunked", "xchunked", "identity", " chunked", "chunked\t", "CHUNKED", "\x0bchunked"])}${crlf}`,
      `2${crlf}{}${crlf}0${crlf}${crlf}`,
    ),
  ],
  "broken chunks": (request, prng, host) => [
    whole(
      request,
      host,
      `transfer-encoding: chunked${crlf}`,
      prng.pick([
        "zz\r\n",
        "-1\r\n",
        "FFFFFFFFFFFFFFFF\r\na",
        "1\r\nab\r\n0\r\n\r\n",
        "1;a=b\r\na\r\n0\r\nx: y\r\n\r\n",
        "5\r\nab",
        "\r\n",
        "0\n\n",
      ]),
    ),
  ],
  "less body than was said": (request, _, host) => [whole(request, host, `content-length: 5000${crlf}`)],
  "in halves": (request, prng, host) => {
    const bytes = Buffer.from(whole(request, host, lengthOf(request)), "latin1");
    const at = prng.below(bytes.length + 1);
    return [bytes.subarray(0, at), bytes.subarray(at)];
  },
  "never ended": (request, prng, host) => {
    const bytes = Buffer.from(whole(request, host, lengthOf(request)), "latin1");
    return [bytes.subarray(0, prng.below(bytes.length))];
  },
  "one after the other": (request, prng, host) => [whole(request, host, lengthOf(request)).repeat(2 + prng.below(20))],
  "strange header lines": (request, prng, host) => [
    whole(
      request,
      host,
      `${prng.pick(["a b: c", ": c", "a", " a: b", "a: b\r\n c", "a: \0", "a\0: b", "a : b", "\x80: \xff", "a:", "a: b\nc: d", "__proto__: x"])}${crlf}${lengthOf(request)}`,
    ),
  ],
  "ends of lines": (request, _, host) => [whole(request, host, lengthOf(request)).replaceAll("\r\n", "\n")],
  "bytes in the address": (request, prng, host) => [
    whole(
      {
        ...request,
        target: prng.pick([
          "/\xff\xfe",
          "/api/\0",
          "/api/user/me\t",
          "*",
          "",
          "api/user/me",
          "//api/user/me",
          "http://",
          "/\u007f",
          `/${"a/".repeat(4_000)}`,
        ]),
      },
      host,
      lengthOf(request),
    ),
  ],
  "bytes changed": (request, prng, host) => {
    const bytes = Buffer.from(whole(request, host, lengthOf(request)), "latin1");
    for (let times = 1 + prng.below(8); times > 0; times--) bytes[prng.below(bytes.length)] = prng.below(256);
    return [bytes];
  },
} satisfies Record<string, Kind>);

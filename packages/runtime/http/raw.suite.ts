/**
 * Requests as bytes, for the tests of doors: `fetch` tidies paths and always names a host, and an attacker does neither.
 */
import { createConnection, type Socket } from "node:net";
import { expect } from "bun:test";
import { securityHeaders } from "./replies.ts";

export type Heard = { readonly status: number; readonly headers: Headers; readonly body: string };

const withinMs = 30_000;

/** Says that to a port of this machine and resolves with the first answer; status 0 where the other side hangs up without one. */
export const speak = (port: number, said: string): Promise<Heard> => ask(port, said, () => {});

const piece = Buffer.from(`8000\r\n${" ".repeat(0x8000)}\r\n`);
/** More than anybody takes, and then a while: a server that hangs up on a client that still writes may take back its answer with it. */
const firstBytes = 5 * piece.length;
const waitMs = 50;
const triesMax = 5;

/** Sends a head and then a body without end until there is an answer; a server that takes more than that has no limit. */
export async function upload(port: number, head: string, bytesMax: number): Promise<Heard> {
  for (let tries = 1; ; tries++) {
    try {
      return await uploadOnce(port, head, bytesMax);
    } catch (error) {
      if (tries === triesMax || !/EPIPE|ECONNRESET/.test(String(error))) throw error;
    }
  }
}

function uploadOnce(port: number, head: string, bytesMax: number): Promise<Heard> {
  let sent = 0;
  return ask(port, `${head}Transfer-Encoding: chunked\r\n\r\n`, (socket) => {
    const more = () => {
      if (sent > bytesMax) socket.destroy(new Error(`took ${sent} bytes and asks for more: ${head}`));
      if (socket.destroyed) return;
      sent += piece.length;
      socket.write(piece, () => (sent === firstBytes ? setTimeout(more, waitMs) : setImmediate(more)));
    };
    more();
  });
}

function ask(port: number, said: string, then: (socket: Socket) => void): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection(port, "127.0.0.1", () => {
      socket.write(Buffer.from(said, "latin1"));
      then(socket);
    });
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`no answer to ${JSON.stringify(said)}`)));
    const end = (heard: Heard) => {
      resolve(heard);
      socket.destroy();
    };
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const heard = heardIn(Buffer.concat(chunks));
      if (heard) end(heard);
    });
    socket.on("error", reject);
    socket.on("close", () => end({ status: 0, headers: new Headers(), body: "" }));
  });
}

/** An answer with the length that it says; null while it is not whole. */
function heardIn(bytes: Buffer): Heard | null {
  const at = bytes.indexOf("\r\n\r\n");
  if (at < 0) return null;
  const [line = "", ...fields] = bytes.subarray(0, at).toString().split("\r\n");
  const headers = new Headers(
    fields.map((field): [string, string] => [field.split(":", 1)[0]!, field.slice(field.indexOf(":") + 1).trim()]),
  );
  const body = bytes.subarray(at + 4);
  const length = Number(headers.get("content-length") ?? 0);
  return body.length < length ? null : { status: Number(line.split(" ")[1]), headers, body: body.toString() };
}

const empty = "content-length: 2\r\n\r\n{}";

/** Ways to ask for a target without saying whom; the parser itself refuses some of them, with nothing but a status. */
export const withoutAddress: readonly (readonly [how: string, said: (target: string) => string])[] = [
  ["an empty Host", (target) => `POST ${target} HTTP/1.1\r\nHost:\r\n${empty}`],
  ["a Host of blanks", (target) => `POST ${target} HTTP/1.1\r\nHost:   \r\n${empty}`],
  ["no Host", (target) => `POST ${target} HTTP/1.1\r\n${empty}`],
  ["HTTP/1.0 without a Host", (target) => `POST ${target} HTTP/1.0\r\n${empty}`],
  ["HTTP/1.0 with an empty Host", (target) => `POST ${target} HTTP/1.0\r\nHost:\r\n${empty}`],
  [
    "an upgrade without a Host",
    (target) => `GET ${target} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  ],
  [
    "an upgrade with an empty Host",
    (target) => `GET ${target} HTTP/1.1\r\nHost:\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  ],
  ["an absolute target and an empty Host", (target) => `POST http://a${target} HTTP/1.1\r\nHost:\r\n${empty}`],
  ...["a/b", "a?b", "a#b", "a b", "a\\b", "u@h", "a:b", "a:99999999", "\xfc", "[::"].map(
    (host) =>
      [
        `the Host ${JSON.stringify(host)}`,
        (target: string) => `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${empty}`,
      ] as const,
  ),
];

/** What is said of it: a problem with all headers of an answer of ours, or the bare status of the parser. */
export function expectMisaddressed({ status, headers, body }: Heard): void {
  expect(status).toBe(400);
  if (body === "") return expect(headers.get("content-type")).toBe(null);
  expect(JSON.parse(body)).toMatchObject({
    code: "MalformedRequest",
    facts: { in: "header" },
    fields: [{ path: "/host" }],
  });
  for (const name of Object.keys(securityHeaders)) expect([name, headers.has(name)]).toEqual([name, true]);
}

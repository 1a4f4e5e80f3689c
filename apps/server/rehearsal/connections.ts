/**
 * Connections that a whole crowd shares: HTTP/1.1, kept alive, one request on each at a time, written and read by hand. A client that makes an object, a
 * promise and a stream of each answer would need more processor time than the platform does, on the same machine.
 */
import type { Socket } from "bun";

export type Heard = { readonly status: number; readonly body: string };
/** 0: the connection broke, or nobody answered in time. */
const nobodyAnswered: Heard = { status: 0, body: "" };

export type Connections = Disposable & {
  /** The request as it is sent; `heard` is called once. */
  send(request: string, heard: (heard: Heard) => void): void;
  /** Under way, and those that wait for a connection. */
  readonly open: () => number;
};

type Asked = { readonly request: string; readonly heard: (heard: Heard) => void };
type Line = { socket: Socket<Line> | null; asked: Asked | null; received: Buffer; sinceMs: number };

const answerWithinMs = 20_000;
const looksEveryMs = 1_000;

export function createConnections(origin: URL, count: number): Connections {
  const waiting: Asked[] = [];
  let first = 0;
  const idle: Line[] = [];
  const lines = Array.from({ length: count }, (): Line => ({ socket: null, asked: null, received: none, sinceMs: 0 }));
  idle.push(...lines);
  let isOver = false;

  function next(line: Line) {
    const asked = waiting[first];
    if (asked === undefined) {
      idle.push(line);
      return;
    }
    first++;
    // The list of what has been taken is let go of now and then.
    if (first > 10_000) {
      waiting.splice(0, first);
      first = 0;
    }
    ask(line, asked);
  }

  function ask(line: Line, asked: Asked) {
    line.asked = asked;
    line.sinceMs = performance.now();
    if (line.socket) write(line.socket, asked.request);
    else void connect(line);
  }

  async function connect(line: Line) {
    try {
      await Bun.connect<Line>({
        hostname: origin.hostname,
        port: Number(origin.port || (origin.protocol === "https:" ? 443 : 80)),
        tls: origin.protocol === "https:",
        data: line,
        socket: {
          open(socket) {
            socket.data.socket = socket;
            if (socket.data.asked) write(socket, socket.data.asked.request);
          },
          data: (socket, chunk) => take(socket.data, chunk),
          close: (socket) => broken(socket.data),
          error: (socket) => broken(socket.data),
        },
      });
    } catch {
      broken(line);
    }
  }

  /** Requests are shorter than what a socket takes at once; what it does not take is a broken connection. */
  function write(socket: Socket<Line>, request: string) {
    if (socket.write(request) < Buffer.byteLength(request)) socket.terminate();
  }

  function take(line: Line, chunk: Buffer) {
    line.received = line.received.length === 0 ? chunk : Buffer.concat([line.received, chunk]);
    const heard = readAnswer(line.received);
    if (heard === null) return;
    line.received = none;
    answer(line, heard);
  }

  function broken(line: Line) {
    line.socket = null;
    line.received = none;
    answer(line, nobodyAnswered);
  }

  function answer(line: Line, heard: Heard) {
    const { asked } = line;
    if (!asked) return;
    line.asked = null;
    asked.heard(heard);
    if (!isOver) next(line);
  }

  const looking = setInterval(() => {
    const before = performance.now() - answerWithinMs;
    for (const line of lines) if (line.asked && line.sinceMs < before && line.socket) line.socket.terminate();
  }, looksEveryMs);

  return {
    send(request, heard) {
      const line = idle.pop();
      const asked = { request, heard };
      if (line) ask(line, asked);
      else waiting.push(asked);
    },
    open: () => count - idle.length + waiting.length - first,
    [Symbol.dispose]() {
      isOver = true;
      clearInterval(looking);
      for (const { socket } of lines) socket?.terminate();
    },
  };
}

const none = Buffer.alloc(0);

/** Null until it is whole. */
export function readAnswer(bytes: Buffer): Heard | null {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyStart = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyStart + Number(length);
    return bytes.length < end ? null : { status, body: bytes.toString("utf8", bodyStart, end) };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: "" };
  const body = readChunks(bytes, bodyStart);
  return body === null ? null : { status, body };
}

function readChunks(bytes: Buffer, start: number): string | null {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return null;
    if (size === 0) return Buffer.concat(parts).toString();
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

/** Connections that are kept open and used again: one request under way on each, from prepared bytes, so that thousands a second can be sent. */
import { type Answer, readAnswer } from "./answer.ts";

export type Heard =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The connection ended first. */
  | { readonly kind: "hungUp"; readonly heard: string }
  /** Nothing came for too long. */
  | { readonly kind: "silent" }
  /** Something came that is no HTTP. */
  | { readonly kind: "notHttp"; readonly heard: string };

export type Lines = {
  /** On any free connection; tried once more where that had been closed before a byte of the answer came. */
  ask(bytes: Buffer, toHead: boolean): Promise<Heard>;
  /** On a connection of its own, in pieces, which is closed after the first answer. `quietMs` without a byte is an end. */
  askAlone(pieces: readonly Buffer[], quietMs: number): Promise<Heard>;
  close(): void;
};

type Waiting = { readonly toHead: boolean; readonly settle: (heard: Heard) => void };
type Line = {
  readonly socket: Bun.Socket;
  bytes: Buffer;
  /** What was asked last. */
  sent: Buffer;
  unsent: Buffer | null;
  waiting: Waiting | null;
  isOpen: boolean;
  asked: number;
  /** For well-formed requests, one after the other. */
  readonly isShared: boolean;
};

const none = Buffer.alloc(0);
const shown = (bytes: Buffer): string => bytes.toString("latin1", 0, 200);

/** @param surplus told of bytes that came beside the one answer to what was sent: the next request would take them for its own */
export function createLines(port: number, silenceMs: number, surplus: (sent: Buffer, heard: string) => void): Lines {
  const idle: Line[] = [];
  const all = new Set<Line>();

  function heard(line: Line, what: Heard) {
    const { waiting } = line;
    line.waiting = null;
    waiting?.settle(what);
  }

  function readLine(line: Line, ended: boolean) {
    if (!line.waiting) return;
    const read = readAnswer(line.bytes, line.waiting.toHead, ended);
    if (read === "more") return;
    // The task that waits is told once the line is ready for the next, or gone: hanging up would tell them something else.
    const { waiting } = line;
    line.waiting = null;
    if (read === "notHttp") {
      const said = shown(line.bytes);
      hangUp(line);
      return waiting.settle({ kind: "notHttp", heard: said });
    }
    const { answer, used } = read;
    const left = line.bytes.subarray(used);
    line.bytes = none;
    if (left.length > 0 && line.isShared) surplus(line.sent, shown(left));
    if (left.length > 0 || answer.goesOn || answer.headers.get("connection")?.toLowerCase() === "close") hangUp(line);
    waiting.settle({ kind: "answer", answer });
  }

  function hangUp(line: Line) {
    line.isOpen = false;
    all.delete(line);
    line.socket.terminate();
  }

  function closed(line: Line) {
    line.isOpen = false;
    all.delete(line);
    readLine(line, true);
    heard(line, { kind: "hungUp", heard: shown(line.bytes) });
  }

  async function open(isShared: boolean): Promise<Line> {
    let line: Line | null = null;
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data(_, chunk) {
          if (!line) return;
          if (!line.waiting) {
            if (line.isShared) surplus(line.sent, shown(chunk));
            return hangUp(line);
          }
          line.bytes = line.bytes.length === 0 ? chunk : Buffer.concat([line.bytes, chunk]);
          readLine(line, false);
        },
        drain() {
          if (line) flush(line);
        },
        close() {
          if (line) closed(line);
        },
        error() {
          if (line) closed(line);
        },
      },
    });
    line = { socket, bytes: none, sent: none, unsent: null, waiting: null, isOpen: true, asked: 0, isShared };
    all.add(line);
    return line;
  }

  function flush(line: Line) {
    const { unsent, socket } = line;
    if (!unsent) return;
    const wrote = socket.write(unsent);
    line.unsent = wrote < 0 || wrote >= unsent.length ? null : unsent.subarray(wrote);
  }

  function send(line: Line, bytes: Buffer) {
    line.unsent = line.unsent ? Buffer.concat([line.unsent, bytes]) : bytes;
    flush(line);
  }

  function answerOn(line: Line, toHead: boolean, waitMs: number): Promise<Heard> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        heard(line, { kind: "silent" });
        hangUp(line);
      }, waitMs);
      line.waiting = {
        toHead,
        settle(what) {
          clearTimeout(timer);
          resolve(what);
        },
      };
      if (!line.isOpen) heard(line, { kind: "hungUp", heard: "" });
    });
  }

  async function once(bytes: Buffer, toHead: boolean): Promise<Heard & { readonly isFresh: boolean }> {
    let line = idle.pop();
    while (line && !line.isOpen) line = idle.pop();
    line ??= await open(true);
    const isFresh = line.asked++ === 0;
    const answer = answerOn(line, toHead, silenceMs);
    line.sent = bytes;
    send(line, bytes);
    const what = await answer;
    // Told to go away in the middle of a body: what is left of it must not come before the next request.
    if (line.unsent) hangUp(line);
    if (line.isOpen) idle.push(line);
    return { ...what, isFresh };
  }

  return {
    async ask(bytes, toHead) {
      try {
        for (;;) {
          const what = await once(bytes, toHead);
          // A server may close what has rested for a while, at any moment, and several such lines at once: a fresh one is asked in the end.
          const wasStale = what.kind === "hungUp" && what.heard === "" && !what.isFresh;
          if (!wasStale) return what;
        }
      } catch (error) {
        return { kind: "hungUp", heard: String(error) };
      }
    },
    async askAlone(pieces, quietMs) {
      try {
        const line = await open(false);
        const answer = answerOn(line, false, quietMs);
        for (const [n, piece] of pieces.entries()) {
          if (n > 0) await Bun.sleep(2);
          if (line.isOpen) send(line, piece);
        }
        const what = await answer;
        if (line.isOpen) hangUp(line);
        return what;
      } catch (error) {
        return { kind: "hungUp", heard: String(error) };
      }
    },
    close() {
      for (const line of all) hangUp(line);
    },
  };
}

/**
 * The log up to where it has come, for a copy, while another process goes on writing to it. Its files only grow, so that what is there now
 * stays as it is; they are held open, so that one that is trimmed away meanwhile can still be read.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { scanSegment } from "./segment.ts";

export type LogCut = Disposable & {
  /** A platform makes its log before it opens its doors. */
  readonly isThere: boolean;
  /** How many records were ever written: the number of the next. */
  readonly end: number;
  readonly files: readonly CutFile[];
  /** Has nobody written to it since? */
  isStill(): boolean;
};

/** A file by its name in the folder, read up to the cut. */
export type CutFile = { readonly name: string; readonly bytes: number; read(): Iterable<Uint8Array> };

/** How far groups have read, and records that were put aside. */
const besides = ["offsets.json", "dead-letters.json"] as const;
const pieceBytes = 1 << 20;

/**
 * Where groups have come is read before all else, and what was put aside before the files: a group is never ahead of what it has done, and what
 * is no dead letter any more is a record of the log again.
 */
export function cutLog(folder: string): LogCut {
  const small = besides
    .filter((name) => existsSync(join(folder, name)))
    .map((name) => inMemory(name, readFileSync(join(folder, name))));
  const names = segmentsIn(folder);
  const open: { readonly name: string; readonly fd: number; readonly bytes: number }[] = [];
  const close = () => open.splice(0).forEach(({ fd }) => closeSync(fd));
  try {
    for (const name of names) {
      const fd = openSync(join(folder, name), "r");
      open.push({ name, fd, bytes: fstatSync(fd).size });
    }
  } catch (error) {
    close();
    throw error;
  }
  const last = open.at(-1);
  return {
    isThere: open.length > 0,
    files: [...small, ...open.map(({ name, fd, bytes }) => ({ name, bytes, read: () => piecesOf(name, fd, bytes) }))],
    get end() {
      if (!last) return 0;
      const bytes = Buffer.concat([...piecesOf(last.name, last.fd, last.bytes)]);
      return Number(last.name.slice(0, 16)) + scanSegment(bytes, () => {}).count;
    },
    isStill: () => segmentsIn(folder).join() === names.join() && (!last || fstatSync(last.fd).size === last.bytes),
    [Symbol.dispose]: close,
  };
}

const segmentsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^\d{16}\.log$/.test(name))
        .sort()
    : [];

const inMemory = (name: string, content: Uint8Array): CutFile => ({
  name,
  bytes: content.length,
  read: () => [content],
});

function* piecesOf(name: string, fd: number, bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes;) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, bytes - at));
    const read = readSync(fd, piece, 0, piece.length, at);
    // What was refused is taken back out of the file.
    if (read === 0) throw new Error(`${name} became shorter while it was copied`);
    yield piece.subarray(0, read);
    at += read;
  }
}

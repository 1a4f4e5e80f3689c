/**
 * Files on their way into a backup and out of it: compressed by gzip and, for a recipient, encrypted as age does, so that `age` and `gunzip`
 * open them without us. Nothing of a size that depends on the platform is held in memory.
 */
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";
import { BackupRefused, type PackedFile } from "./manifest.ts";

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** As a file of a backup is called. */
export const packedName = (name: string, isEncrypted: boolean): string => `${name}.gz${isEncrypted ? ".age" : ""}`;

/** Little is gained by more, and the machine is selling. */
const gzipLevel = 1;

/** @param recipient `age1…`; null where anybody may read it */
export async function pack(
  folder: string,
  name: string,
  pieces: Pieces,
  recipient: string | null,
): Promise<PackedFile> {
  const path = join(folder, packedName(name, recipient !== null));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = new Bun.CryptoHasher("sha256");
  let bytes = 0;
  async function* counted() {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  const seal = async function* (source: AsyncIterable<Uint8Array>) {
    yield* recipient === null ? source : await encrypterFor(recipient).encrypt(webOf(source));
  };
  await using file = await openNew(path);
  await pipeline(Readable.from(counted()), createGzip({ level: gzipLevel }), seal, (sealed: Pieces) =>
    writeAll(file.handle, sealed),
  );
  await file.handle.sync();
  return { name, bytes, sha256: hash.digest("hex") };
}

export type Unpacked = { readonly bytes: number; readonly sha256: string };

/**
 * @param take is handed it piece by piece
 * @throws BackupRefused where it is cut, damaged, or not for this identity
 */
export async function unpack(
  folder: string,
  name: string,
  identity: string | null,
  take: (piece: Uint8Array) => Promise<void> | void,
): Promise<Unpacked> {
  const hash = new Bun.CryptoHasher("sha256");
  let bytes = 0;
  const unseal = async function* (source: AsyncIterable<Uint8Array>) {
    yield* identity === null ? source : await decrypted(source, identity);
  };
  // Where it is written to, and not what is read.
  let failed: unknown = null;
  try {
    await pipeline(
      createReadStream(join(folder, packedName(name, identity !== null))),
      unseal,
      createGunzip(),
      async (pieces: Pieces) => {
        for await (const piece of pieces) {
          hash.update(piece);
          bytes += piece.length;
          await Promise.resolve(take(piece)).catch((error: unknown) => {
            failed = error;
            throw error;
          });
        }
      },
    );
  } catch (error) {
    if (failed !== null) throw failed;
    throw error instanceof BackupRefused ? error : damaged(name, error);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * A file as the manifest tells it, and not a byte more: a small one can unpack to more than any disk has.
 * @param path where no file is yet
 * @throws BackupRefused where it is another
 */
export async function unpackTo(
  from: string,
  { name, bytes, sha256 }: PackedFile,
  identity: string | null,
  path: string,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await openNew(path);
  const another = () => new BackupRefused(`${name} in it is not what the backup was made of: take another backup.`);
  let written = 0;
  const found = await unpack(from, name, identity, async (piece) => {
    written += piece.length;
    if (written > bytes) throw another();
    await writePiece(file.handle, piece);
  });
  if (found.bytes !== bytes || found.sha256 !== sha256) throw another();
  await file.handle.sync();
}

/** On the disk when it answers, as what is unpacked. */
export async function writeNew(path: string, content: Uint8Array): Promise<void> {
  await using file = await openNew(path);
  await writePiece(file.handle, content);
  await file.handle.sync();
}

export async function unpackText(
  from: string,
  name: string,
  identity: string | null,
  bytesMax: number,
): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  await unpack(from, name, identity, (piece) => {
    bytes += piece.length;
    if (bytes > bytesMax) throw new BackupRefused(`${name} in it is larger than any should be.`);
    pieces.push(piece);
  });
  return Buffer.concat(pieces).toString("utf8");
}

/** A new file, for its owner alone, closed at the end. */
async function openNew(path: string) {
  const handle = await open(path, "wx", 0o600);
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

async function writeAll(file: FileHandle, pieces: Pieces) {
  for await (const piece of pieces) await writePiece(file, piece);
}

async function writePiece(file: FileHandle, piece: Uint8Array) {
  for (let at = 0; at < piece.length;) at += (await file.write(piece, at, piece.length - at)).bytesWritten;
}

const webOf = (pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> =>
  Readable.toWeb(Readable.from(pieces)) as unknown as ReadableStream<Uint8Array>;

/** @throws BackupRefused */
export const assertRecipient = (recipient: string): void => void encrypterFor(recipient);

function encrypterFor(recipient: string): Encrypter {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new BackupRefused(`"${recipient}" is no recipient: age1…, as \`chepiao backup key FILE\` prints it.`);
  }
  return encrypter;
}

async function decrypted(source: AsyncIterable<Uint8Array>, identity: string): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw new BackupRefused(
      "The identity is none: a file with AGE-SECRET-KEY-1…, as `chepiao backup key FILE` makes it.",
    );
  }
  try {
    return await decrypter.decrypt(webOf(source));
  } catch (error) {
    if (String(error).includes("no identity matched"))
      throw new BackupRefused("It was not made for this identity: take the file whose recipient it was made for.");
    throw error;
  }
}

const damaged = (name: string, cause: unknown) => {
  const isGone = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const why = isGone ? "is not there" : `is cut or damaged (${(cause as Error).message})`;
  return new BackupRefused(`${name} in it ${why}: take another backup.`, { cause });
};

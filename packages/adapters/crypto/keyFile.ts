/**
 * The file that keys are in: made on the first start and as precious as the database. Without it sealed documents are lost and nobody can
 * log in, so it is never silently made anew, and replaced only whole.
 */
import { createPublicKey, createPrivateKey, randomBytes } from "node:crypto";
import { type FileHandle, link, mkdir, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { TicketKey } from "@chepiao/contracts";
import { generateKeys, type Keys, type SigningKey, type WholeKeys } from "./keys.ts";

/** Why a key file cannot be used, for people; never with a word of what is in it. */
export class KeyFileRefused extends Error {
  override readonly name = "KeyFileRefused";
}

/** The platform's keys themselves, and the part of them that roles were given. */
const [wholeFormat, partFormat] = ["chepiao-keys-1", "chepiao-role-keys-1"];
const keyBytes = 32;

/** Reads the key file, or makes it where there is none. Many processes may start at once: they end up with the same keys. */
export async function loadOrCreateKeys(path: string): Promise<WholeKeys> {
  const text = await read(path);
  if (text === null) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeNew(path, textOf(generateKeys()));
  }
  const keys = await loadKeys(path);
  if (isWhole(keys)) return keys;
  throw new KeyFileRefused(
    `the key file ${path} was made for ${keys.roles!.join(", ")}: here the platform's keys themselves are needed`,
  );
}

export const isWhole = (keys: Keys): keys is WholeKeys => keys.roles === undefined;

/** Reads a key file that is there, whole or of some roles. */
export async function loadKeys(path: string): Promise<Keys> {
  const text = await read(path);
  if (text === null) throw new KeyFileRefused(`the key file ${path} is not there`);
  return parse(path, text);
}

/**
 * Puts these keys in place of those in the file, or makes the file: whole, for its owner, and on the disk before it has the name. Two at
 * a time do not lose each other's keys: the second is refused.
 */
export async function replaceKeys(path: string, keys: Keys): Promise<void> {
  const before = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  // A link, as volumes of secrets have them, stays one.
  const place = before ? await realpath(path) : path;
  const draft = `${place}.new`;
  const file = await open(draft, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new KeyFileRefused(
      error.code === "EEXIST"
        ? `${draft} is there: somebody else is replacing these keys, or was broken off; then delete it`
        : `cannot write the key file ${path}: ${error.message}`,
      { cause: error },
    );
  });
  try {
    try {
      if (before) await ownedAs(file, before);
      await file.writeFile(textOf(keys));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, place);
    await syncFolder(place);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw new KeyFileRefused(`cannot write the key file ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** The account that read the old file has to be able to read the new one. */
async function ownedAs(file: FileHandle, { uid, gid, mode }: { uid: number; gid: number; mode: number }) {
  if (process.platform === "win32") return;
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
  await file.chmod(mode & 0o770);
}

const textOf = (keys: Keys): string =>
  `${JSON.stringify({ format: isWhole(keys) ? wholeFormat : partFormat, ...keys }, null, 2)}\n`;

async function read(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o007) !== 0) {
      throw new KeyFileRefused(`the key file ${path} can be read by everybody on this machine: chmod 600 it`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return null;
    if (code === undefined) throw error;
    throw new KeyFileRefused(`cannot read the key file ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Whole or not at all, and never over an existing file: written beside it, then linked to its name. */
async function writeNew(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      // Another process was quicker; its keys are the keys.
      if (error.code !== "EEXIST") throw error;
    });
    await syncFolder(path);
  } catch (error) {
    throw new KeyFileRefused(`cannot write the key file ${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    await unlink(draft).catch(() => {});
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}

type Read = { readonly [Name in keyof Keys]?: unknown } & { readonly format?: unknown };

function parse(path: string, text: string): Keys {
  const wrong = (what: string, cause?: unknown) =>
    new KeyFileRefused(
      `the key file ${path} ${what}: restore it from a backup; a new one could not read what is stored`,
      {
        cause,
      },
    );
  let found: Read | null;
  try {
    found = JSON.parse(text) as Read | null;
  } catch (error) {
    // The parser's own message may quote the text, and with it a key.
    throw wrong("is damaged (not JSON)", (error as Error).name);
  }
  const isPart = found?.format === partFormat;
  if (!found || (found.format !== wholeFormat && !isPart)) throw wrong(`is not of the format ${wholeFormat}`);
  /** A part may lack what its roles do not need; the whole lacks nothing. */
  const isMissing = (value: unknown) => isPart && value === undefined;
  const { sealing, fingerprint, signing, publicKeys, secretRoot, secrets, roles, platform } = found;
  if (!isMissing(sealing) && !isListOf(sealing, ({ key }) => isKey(key))) throw wrong("has no usable sealing key");
  if (!isMissing(fingerprint) && !isKey(fingerprint)) throw wrong("has no usable fingerprint key");
  if (!isMissing(signing) && !isListOf(signing, isSigningKey)) throw wrong("has no usable signing key");
  if (publicKeys !== undefined && !isListOf(publicKeys, isPublicKey)) throw wrong("has no usable public key");
  if (secretRoot !== undefined && !isKey(secretRoot)) throw wrong("has no usable root of secrets");
  if (isPart && !(isTexts(secrets) && isTexts(roles) && Array.isArray(roles) && typeof platform === "string"))
    throw wrong("does not say for whom it was made");
  const { format: _, ...keys } = found;
  return keys as Keys;
}

const isKey = (key: unknown) => typeof key === "string" && Buffer.from(key, "base64").length === keyBytes;
const isTexts = (value: unknown) =>
  typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");

/** Named keys, one or more, each as it should be. */
function isListOf(list: unknown, isSound: (each: Record<string, unknown>) => boolean): boolean {
  const isNamed = ({ keyId, usedFrom }: Record<string, unknown>) =>
    typeof keyId === "string" &&
    /^[A-Za-z0-9-]{1,32}$/.test(keyId) &&
    (usedFrom === undefined || Number.isSafeInteger(usedFrom));
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    (list as unknown[]).every((each) => {
      const key = (each ?? {}) as Record<string, unknown>;
      return isNamed(key) && isSound(key);
    })
  );
}

function isSigningKey({ privateKeyPem }: Partial<SigningKey>): boolean {
  try {
    return createPublicKey(createPrivateKey(privateKeyPem!)).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}

function isPublicKey({ publicKeyPem }: Partial<TicketKey>): boolean {
  try {
    return createPublicKey(publicKeyPem!).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}

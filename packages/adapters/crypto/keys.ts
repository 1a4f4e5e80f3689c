/**
 * The keys of a platform: one small file, made on the first start and as precious as the database. Without it sealed
 * documents are lost and nobody can log in, so it is never overwritten and never silently made anew.
 */
import { createPublicKey, createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

export type SealingKey = { readonly keyId: string; /** 32 bytes, base64. */ readonly key: string };
export type SigningKey = { readonly keyId: string; readonly privateKeyPem: string };
export type Keys = {
  /** The first one seals; all of them open. */
  readonly sealing: readonly SealingKey[];
  /** 32 bytes, base64. For life: lookups compare what it made years ago. */
  readonly fingerprint: string;
  /** The first one signs; all of them verify. */
  readonly signing: readonly SigningKey[];
};

const format = "chepiao-keys-1";
const keyBytes = 32;

/** Reads the key file, or makes it where there is none. Many processes may start at once: they end up with the same keys. */
export async function loadOrCreateKeys(path: string): Promise<Keys> {
  const text = await read(path);
  if (text !== null) return parse(path, text);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeNew(path, `${JSON.stringify({ format, ...generateKeys() }, null, 2)}\n`);
  const written = await read(path);
  if (written === null) throw new Error(`the key file ${path} was removed while it was being made`);
  return parse(path, written);
}

export function generateKeys(): Keys {
  return {
    sealing: [newSealingKey()],
    fingerprint: randomBytes(keyBytes).toString("base64"),
    signing: [newSigningKey()],
  };
}

/** New keys in front, the old ones kept: what they sealed and signed stays valid. */
export const rotateKeys = (keys: Keys): Keys => ({
  ...keys,
  sealing: [newSealingKey(), ...keys.sealing],
  signing: [newSigningKey(), ...keys.signing],
});

const newKeyId = (kind: string) => `${kind}${randomBytes(4).toString("hex")}`;
const newSealingKey = (): SealingKey => ({ keyId: newKeyId("s"), key: randomBytes(keyBytes).toString("base64") });
function newSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { keyId: newKeyId("t"), privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

async function read(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o007) !== 0) {
      throw new Error(`the key file ${path} can be read by everybody on this machine: chmod 600 it`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return null;
    if (code === undefined) throw error;
    throw new Error(`cannot read the key file ${path}: ${(error as Error).message}`, { cause: error });
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
    const folder = await open(dirname(path), "r");
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    throw new Error(`cannot write the key file ${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    await unlink(draft).catch(() => {});
  }
}

function parse(path: string, text: string): Keys {
  const wrong = (what: string, cause?: unknown) =>
    new Error(`the key file ${path} ${what}: restore it from a backup; a new one could not read what is stored`, {
      cause,
    });
  let keys: Partial<Keys> & { format?: string };
  try {
    keys = JSON.parse(text) as typeof keys;
  } catch (error) {
    // The parser's own message may quote the text, and with it a key.
    throw wrong("is damaged (not JSON)", (error as Error).name);
  }
  if (keys?.format !== format) throw wrong(`is not of the format ${format}`);
  const { sealing, fingerprint, signing } = keys;
  const isKey = (key: unknown) => typeof key === "string" && Buffer.from(key, "base64").length === keyBytes;
  const isId = (id: unknown) => typeof id === "string" && /^[A-Za-z0-9-]{1,32}$/.test(id);
  if (
    !Array.isArray(sealing) ||
    sealing.length === 0 ||
    !sealing.every((each) => isId(each?.keyId) && isKey(each?.key))
  ) {
    throw wrong("has no usable sealing key");
  }
  if (!isKey(fingerprint)) throw wrong("has no usable fingerprint key");
  if (
    !Array.isArray(signing) ||
    signing.length === 0 ||
    !signing.every((each) => isId(each?.keyId) && isEd25519(each))
  ) {
    throw wrong("has no usable signing key");
  }
  return { sealing, fingerprint: fingerprint!, signing };
}

function isEd25519({ privateKeyPem }: SigningKey): boolean {
  try {
    return createPublicKey(createPrivateKey(privateKeyPem)).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}

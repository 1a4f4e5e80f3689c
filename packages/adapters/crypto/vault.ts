/**
 * AES-256-GCM for what must be read again, HMAC-SHA-256 for what is only compared, Ed25519 for what others check.
 *
 * Sealed texts are `2.<key id>.<base64url>` of salt, nonce, tag and ciphertext. Each is under a key of its own, made of the sealing key
 * and its salt by HKDF-SHA-256 (RFC 5869): under one key, random nonces would be safe for 2^32 texts only (NIST SP 800-38D, 8.3). What is
 * authenticated along is the key's id and the place. Texts of older versions, `<key id>.<base64url>`, know no place; they are opened and
 * no longer made.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { fromBase64Url } from "@chepiao/kernel";
import { KeyMissing, SealBroken, type SealedPlace, type Vault } from "@chepiao/ports/vault";
import { inUse, type Keys, publicKeyOf, secretOf } from "./keys.ts";

const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const cipher = "aes-256-gcm";

/**
 * @param keys all of them, or what a role was given: what was not throws `KeyMissing` when it is asked for
 * @param now in milliseconds; a key begins to be used when its time has come
 */
export function createVault(keys: Keys, now: () => number = Date.now): Vault {
  const sealing = keys.sealing?.map((each) => ({ ...each, key: Buffer.from(each.key, "base64") }));
  const byId = new Map(sealing?.map((each) => [each.keyId, each.key]));
  const fingerprintKey = keys.fingerprint === undefined ? undefined : Buffer.from(keys.fingerprint, "base64");
  // Parsed once: parsing a key takes longer than signing with it.
  const signing = keys.signing?.map((each) => ({ ...each, privateKey: createPrivateKey(each.privateKeyPem) }));
  const published = (keys.signing?.map(publicKeyOf) ?? keys.publicKeys)?.map((each) => ({
    ...each,
    publicKey: createPublicKey(each.publicKeyPem),
  }));
  const secrets = new Map(Object.entries(keys.secrets ?? {}));
  const given = <T>(part: T | undefined, what: string): T => {
    if (part === undefined) throw new KeyMissing(`this process was not given ${what}`);
    return part;
  };
  return {
    seal(plain, place) {
      const { keyId, key } = inUse(given(sealing, "the sealing keys"), now());
      const salt = randomBytes(saltBytes);
      const nonce = randomBytes(nonceBytes);
      const sealer = createCipheriv(cipher, ownKey(key, salt), nonce).setAAD(boundTo(keyId, place));
      const text = Buffer.concat([sealer.update(plain, "utf8"), sealer.final()]);
      return `2.${keyId}.${Buffer.concat([salt, nonce, sealer.getAuthTag(), text]).toString("base64url")}`;
    },
    open(sealed, place) {
      given(sealing, "the sealing keys");
      const parts = sealed.split(".");
      const isBound = parts.length === 3 && parts[0] === "2";
      const [keyId = "", text = ""] = isBound ? parts.slice(1) : parts;
      const key = byId.get(keyId);
      if (!key) throw new SealBroken(`this was sealed with a key that is not in the key file: ${keyId || "none"}`);
      const bytes = Buffer.from(text, "base64url");
      const head = isBound ? saltBytes : 0;
      if (bytes.length < head + nonceBytes + tagBytes) throw new SealBroken(`a text sealed with key ${keyId} was cut`);
      const nonce = bytes.subarray(head, head + nonceBytes);
      const tag = bytes.subarray(head + nonceBytes, head + nonceBytes + tagBytes);
      const body = bytes.subarray(head + nonceBytes + tagBytes);
      try {
        const keyOfText = isBound ? ownKey(key, bytes.subarray(0, saltBytes)) : key;
        const opener = createDecipheriv(cipher, keyOfText, nonce, { authTagLength: tagBytes });
        opener.setAAD(isBound ? boundTo(keyId, place) : Buffer.from(keyId)).setAuthTag(tag);
        return opener.update(body, undefined, "utf8") + opener.final("utf8");
      } catch (error) {
        throw new SealBroken(`a text sealed with key ${keyId} was damaged, or is not in the place it was sealed for`, {
          cause: error,
        });
      }
    },
    fingerprint: (plain) =>
      createHmac("sha256", given(fingerprintKey, "the fingerprint key")).update(plain).digest("hex"),
    sign(textOf) {
      const signer = inUse(given(signing, "the signing keys"), now());
      const text = textOf(signer.keyId);
      return { text, signature: sign(null, Buffer.from(text), signer.privateKey).toString("base64url") };
    },
    verify(text, signature, named = null) {
      const [bytes, raw] = [Buffer.from(text), fromBase64Url(signature)];
      const asked = given(published, "the public keys").filter(({ keyId }) => named === null || keyId === named);
      return raw?.length === 64 && asked.some(({ publicKey }) => verify(null, bytes, publicKey, raw));
    },
    publicKeys() {
      const all = given(published, "the public keys");
      const present = inUse(all, now());
      return [present, ...all.filter((each) => each !== present)].map(({ keyId, publicKeyPem }) => ({
        keyId,
        publicKeyPem,
      }));
    },
    secret(label) {
      const { fingerprint, secretRoot, roles } = keys;
      let secret = secrets.get(label);
      if (secret === undefined && !roles && fingerprint !== undefined)
        secrets.set(label, (secret = secretOf({ fingerprint, ...(secretRoot ? { secretRoot } : {}) }, label)));
      return given(secret, `the secret "${label}"`);
    },
  };
}

const ownKey = (key: Buffer, salt: Buffer): Buffer => Buffer.from(hkdfSync("sha256", key, salt, "chepiao seal 2", 32));
/** Neither part holds a line break. */
const boundTo = (keyId: string, place: SealedPlace): Buffer => Buffer.from(`${keyId}\n${place}`);

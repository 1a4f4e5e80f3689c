/** AES-256-GCM for what must be read again, HMAC-SHA-256 for what is only compared, Ed25519 for what others check. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { SealBroken, type Vault } from "@chepiao/ports/vault";
import type { Keys } from "./keys.ts";

// Random 96-bit nonces are safe for 2^32 texts under one key (NIST SP 800-38D, 8.3): an account seals three.
const nonceBytes = 12;
const tagBytes = 16;
const cipher = "aes-256-gcm";

export function createVault(keys: Keys): Vault {
  const sealing = keys.sealing.map(({ keyId, key }) => ({ keyId, key: Buffer.from(key, "base64") }));
  const byId = new Map(sealing.map((each) => [each.keyId, each.key]));
  const current = sealing[0]!;
  const fingerprintKey = Buffer.from(keys.fingerprint, "base64");
  // Parsed once: parsing a key takes longer than signing with it.
  const privateKeys = keys.signing.map(({ privateKeyPem }) => createPrivateKey(privateKeyPem));
  const publicKeys = privateKeys.map((key) => createPublicKey(key));
  const signingKey = privateKeys[0]!;
  return {
    // The key's id is authenticated together with the text, so that a sealed text cannot be passed off as another key's.
    seal(plain) {
      const nonce = randomBytes(nonceBytes);
      const sealer = createCipheriv(cipher, current.key, nonce).setAAD(Buffer.from(current.keyId));
      const text = Buffer.concat([sealer.update(plain, "utf8"), sealer.final()]);
      return `${current.keyId}.${Buffer.concat([nonce, sealer.getAuthTag(), text]).toString("base64url")}`;
    },
    open(sealed) {
      const dot = sealed.indexOf(".");
      const keyId = sealed.slice(0, Math.max(0, dot));
      const key = byId.get(keyId);
      if (!key) throw new SealBroken(`this was sealed with a key that is not in the key file: ${keyId || "none"}`);
      const bytes = Buffer.from(sealed.slice(dot + 1), "base64url");
      if (bytes.length < nonceBytes + tagBytes) throw new SealBroken(`a text sealed with key ${keyId} was cut`);
      try {
        const opener = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
        opener.setAAD(Buffer.from(keyId)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return opener.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + opener.final("utf8");
      } catch (error) {
        throw new SealBroken(`a text sealed with key ${keyId} was damaged`, { cause: error });
      }
    },
    fingerprint: (plain) => createHmac("sha256", fingerprintKey).update(plain).digest("hex"),
    sign: (message) => sign(null, Buffer.from(message), signingKey).toString("base64url"),
    verify(message, signature) {
      const [bytes, raw] = [Buffer.from(message), Buffer.from(signature, "base64url")];
      return raw.length === 64 && publicKeys.some((key) => verify(null, bytes, key, raw));
    },
    publicKeyPem: publicKeys[0]!.export({ type: "spki", format: "pem" }).toString(),
    keyId: keys.signing[0]!.keyId,
  };
}

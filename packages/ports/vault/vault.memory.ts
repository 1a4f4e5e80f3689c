/**
 * A vault for tests and simulation: the same rules, repeatable for a seed, and no secret at all for a reader who knows the seed.
 * The signature is a keyed hash; only the real vault's can be checked with the public key alone.
 */
import { createHmac } from "node:crypto";
import { SealBroken, type Vault } from "./vault.ts";

export function createMemoryVault(seed = 1): Vault {
  const keyId = `memory-${seed}`;
  let sealedCount = 0;
  const mac = (purpose: string, text: string) => createHmac("sha256", `${purpose} ${seed}`).update(text).digest();
  /** As many bytes as needed, different for each nonce. */
  const pad = (nonce: string, byteCount: number) => {
    const blocks = Array.from({ length: Math.ceil(byteCount / 32) }, (_, block) => mac("pad", `${nonce}/${block}`));
    return Buffer.concat(blocks);
  };
  const mix = (bytes: Buffer, nonce: string) => {
    const stream = pad(nonce, bytes.length);
    return Buffer.from(bytes.map((byte, at) => byte ^ stream[at]!));
  };
  const signatureOf = (message: string) =>
    Buffer.concat([mac("sign", message), mac("sign2", message)]).toString("base64url");
  return {
    seal(plain, place) {
      const nonce = String(++sealedCount);
      const body = `${keyId}.${nonce}.${mix(Buffer.from(plain), nonce).toString("base64url")}`;
      return `${body}.${mac(`tag ${place}`, body).toString("base64url")}`;
    },
    open(sealed, place) {
      const end = sealed.lastIndexOf(".");
      const body = sealed.slice(0, end);
      const [id, nonce = "", text = ""] = body.split(".");
      if (end < 0 || id !== keyId || mac(`tag ${place}`, body).toString("base64url") !== sealed.slice(end + 1)) {
        throw new SealBroken(`cannot open a text sealed with key ${id || "none"}`);
      }
      return mix(Buffer.from(text, "base64url"), nonce).toString();
    },
    fingerprint: (plain) => mac("fingerprint", plain).toString("hex"),
    sign(textOf) {
      const text = textOf(keyId);
      return { text, signature: signatureOf(text) };
    },
    verify: (text, signature, named = null) => (named === null || named === keyId) && signatureOf(text) === signature,
    secret: (label) => mac("secret", label).toString("hex"),
    publicKeys: () => [{ keyId, publicKeyPem: "-----BEGIN PUBLIC KEY-----\n(memory)\n-----END PUBLIC KEY-----\n" }],
  };
}

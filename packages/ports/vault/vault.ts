/**
 * Secrets of people and of tickets: what is stored sealed, what is looked up without being readable, and what a gate can
 * check without asking us. Everything here answers at once; nothing waits for a disk.
 */
export type Vault = {
  /** Encrypts. Sealing the same text twice gives different texts; the id of the key is part of the result. */
  seal(plain: string): string;
  /** What was sealed, also under a key that has since been replaced. Throws `SealBroken` on anything else. */
  open(sealed: string): string;
  /**
   * A keyed hash, 64 lower-case hexadecimal digits: equal texts have equal fingerprints, for ever, and nobody without the key
   * can try out the few million numbers a text could be. Its key is therefore never replaced. Put the kind in front of the
   * text (`"phone:139…"`), so that equal values of two kinds stay unrelated.
   */
  fingerprint(plain: string): string;
  /** Ed25519 signature over the UTF-8 text, 86 characters of base64url. */
  sign(message: string): string;
  /** Was this signed here, by the present key or one before it? */
  verify(message: string, signature: string): boolean;
  /** The present signing key, for those who check tickets without us. */
  readonly publicKeyPem: string;
  readonly keyId: string;
};

/** A sealed text was damaged, or its key is not among ours: the data and the keys do not belong together. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

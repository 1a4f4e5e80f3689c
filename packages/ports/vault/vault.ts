/**
 * Secrets of people and of tickets: what is stored sealed, what is looked up without being readable, and what a gate can
 * check without asking us. Everything here answers at once; nothing waits for a disk.
 */
import type { TicketKey } from "@chepiao/contracts";
import type { Brand } from "@chepiao/kernel";

export type Vault = {
  /**
   * Encrypts for one place: the table, column and row that keep the result, as `placeOf` spells them. Sealing the same text twice gives
   * different texts; the id of the key is part of the result.
   */
  seal(plain: string, place: SealedPlace): string;
  /**
   * What was sealed for that place, also under a key that has since been replaced. Throws `SealBroken` on anything else, so that an intruder who
   * writes to the database cannot pass one person's document off as another's.
   */
  open(sealed: string, place: SealedPlace): string;
  /**
   * A keyed hash, 64 lower-case hexadecimal digits: equal texts have equal fingerprints, for ever, and nobody without the key
   * can try out the few million numbers a text could be. Its key is therefore never replaced. Put the kind in front of the
   * text (`"phone:139…"`), so that equal values of two kinds stay unrelated.
   */
  fingerprint(plain: string): string;
  /**
   * Ed25519 signature over the UTF-8 text, 86 characters of base64url.
   * @param textOf the text, which may name the key that signs it
   */
  sign(textOf: (keyId: string) => string): { readonly text: string; readonly signature: string };
  /**
   * Was this signed here, by that key, or by any of ours where none is named? A signature spelled in another way than `sign` does is none.
   */
  verify(text: string, signature: string, keyId?: string | null): boolean;
  /** For those who check tickets without us: the key that signs now, then the others whose signatures are valid. */
  publicKeys(): readonly TicketKey[];
  /**
   * What processes that have the keys to it show each other, 64 lower-case hexadecimal digits: the same for all of them, unrelated for two
   * labels, and of no use for finding the keys.
   */
  secret(label: string): string;
};

/** This process was not given the key for what was asked of it: its role has no business with it. */
export class KeyMissing extends Error {
  override readonly name = "KeyMissing";
}

export type SealedPlace = Brand<string, "SealedPlace">;

/** @param column with its table: `t_passenger.document_sealed` */
export const placeOf = (column: `t_${string}.${string}`, rowId: number | string): SealedPlace =>
  `${column}/${rowId}` as SealedPlace;

/** A sealed text was damaged or moved to another place, or its key is not among ours: the data and the keys do not belong together. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

/**
 * Bytes as capital letters and digits (RFC 4648 section 6, without padding), which a QR code carries in five and a half bits each instead
 * of eight. Reading is strict: every byte string has exactly one spelling.
 */

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const bitsPerLetter = 5;

export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (count += 8; count >= bitsPerLetter; count -= bitsPerLetter)
      text += letters[(bits >> (count - bitsPerLetter)) & 31]!;
  }
  return count === 0 ? text : text + letters[(bits << (bitsPerLetter - count)) & 31]!;
}

/** The bytes, or null for a text that `toBase32` never writes: a small letter, a pad, a blank, unused bits that are set. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * bitsPerLetter) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const letter of text) {
    const value = letters.indexOf(letter);
    if (value < 0) return null;
    bits = ((bits << bitsPerLetter) | value) & 0xfff;
    count += bitsPerLetter;
    if (count >= 8) bytes[at++] = (bits >> (count -= 8)) & 255;
  }
  return toBase32(bytes) === text ? bytes : null;
}

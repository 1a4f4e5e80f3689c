/** Bits in 32-bit words. `words` may be longer than needed; bits past the last seat are kept clear by their owner. */
export const wordsFor = (bitCount: number): number => (bitCount + 31) >>> 5;

export function popCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Index of the lowest set bit; the word must not be zero. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

/** `length` bits (1…32) of a bitset, beginning at bit `start`. */
export function bitsOf(words: Int32Array, start: number, length: number): number {
  const shift = start & 31;
  let bits = words[start >>> 5]! >>> shift;
  if (shift + length > 32) bits |= words[(start >>> 5) + 1]! << (32 - shift);
  return bits & (-1 >>> (32 - length));
}

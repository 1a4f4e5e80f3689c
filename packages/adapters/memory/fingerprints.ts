/**
 * 128 bits instead of a text: a table of them has rows of one length and nothing for the garbage collector. Seeds are drawn anew in
 * every process, so nobody can make texts that meet; that two others do is not to be expected in the life of a railway.
 */
const seeds = crypto.getRandomValues(new Uint32Array(4));
export const wordsPerPrint = seeds.length;

/** The print that was taken last: read it before the next one is taken. Its first word serves as a hash. */
export const print = new Uint32Array(wordsPerPrint);

export function takePrint(text: string): void {
  for (let word = 0; word < wordsPerPrint; word++) print[word] = Bun.hash.xxHash32(text, seeds[word]);
}

/** Is the print of that row the one that was taken last? */
export function isPrint(prints: Uint32Array, row: number): boolean {
  const at = row * wordsPerPrint;
  for (let word = 0; word < wordsPerPrint; word++) if (prints[at + word] !== print[word]) return false;
  return true;
}

/** The print of that row as a text, for a map. */
export const textOfPrint = (prints: Uint32Array, row: number): string =>
  prints.subarray(row * wordsPerPrint, (row + 1) * wordsPerPrint).join(" ");

export function printText(text: string): string {
  takePrint(text);
  return textOfPrint(print, 0);
}

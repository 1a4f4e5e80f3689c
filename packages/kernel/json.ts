/**
 * Facts are never changed once made, but are written as JSON more than once: into the log, to the thread that writes rows. Their
 * text is kept with them, for as long as they live.
 */
const texts = new WeakMap<object, string>();

/** The JSON text of a value that will never change again. */
export function jsonOnce(fact: object): string {
  const known = texts.get(fact);
  if (known !== undefined) return known;
  const text = JSON.stringify(fact);
  texts.set(fact, text);
  return text;
}

/**
 * A text of several parts. What a template makes stays in pieces until a reader goes through it letter by letter, and JSON of an object
 * with one such text in it takes three times as long.
 */
export const inOnePiece = (...parts: readonly (string | number)[]): string => parts.join("");

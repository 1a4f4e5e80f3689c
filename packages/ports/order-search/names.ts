/** What it means that a name is like another; every adapter finds the same ones. */
import { pinyin } from "pinyin-pro";

/** Each Chinese character and each other word by itself: Chinese names have no spaces, and often only a part is known. */
export const nameTokens = (name: string): string[] =>
  name.toLowerCase().match(/\p{Script=Han}|[[\p{L}\p{N}]--\p{Script=Han}]+/gv) ?? [];

/** How it sounds, in letters alone: `王小明` and `王晓明` are both `wangxiaoming`. */
export const soundOf = (name: string): string =>
  pinyin(name, { toneType: "none", type: "array", surname: "head", nonZh: "consecutive" })
    .join("")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");

/** Of so many characters or words asked for, so many must be there. */
export const tokensNeeded = (count: number): number => (count <= 2 ? count : Math.floor((count * 2) / 3));

/** Letters that may be other in a word; a Chinese character is short and has none. */
export const editsAllowed = (word: string): number => (word.length < 3 ? 0 : word.length < 6 ? 1 : 2);

/** Levenshtein's distance: letters to be changed, added or left out. */
export function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[b.length]!;
}

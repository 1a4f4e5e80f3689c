import type { Problems } from "./problems.ts";

/** Rows of one id: letter for letter the same they say nothing new, and there is no doubt what is meant. */
export function createRepeats(file: string, problems: Problems) {
  const texts = new Map<string, string>();
  return {
    see(id: string, row: object, line: number): "new" | "same" | "other" {
      const text = JSON.stringify(row);
      const known = texts.get(id);
      if (known === undefined) texts.set(id, text);
      if (known === text) problems.warn("rows that come twice, letter for letter, count once", `${file}:${line}`);
      return known === undefined ? "new" : known === text ? "same" : "other";
    },
  };
}

/**
 * Which language the page speaks: what was chosen, else what the browser asks for. The choice is a cookie, so that the server
 * can send the first page right.
 */
import type { Words } from "../words/zh.ts";
import { readCookie, writeCookie } from "./storage.ts";

export type Language = "zh" | "en";

/** Asked for by the server too when it makes the page: `lang` on the root is the answer of both. */
let current: Language | null = null;

export function pageLanguage(): Language {
  if (current) return current;
  const chosen = readCookie("lang");
  if (chosen === "zh" || chosen === "en") current = chosen;
  else current = preferredOf(globalThis.navigator?.languages ?? []);
  return current;
}

export function preferredOf(languages: readonly string[]): Language {
  const first = languages.find((tag) => /^(zh|en)\b/i.test(tag));
  if (first === undefined) return languages.length > 0 ? "en" : "zh";
  return /^zh/i.test(first) ? "zh" : "en";
}

const loaded: Partial<Record<Language, Words>> = {};

/** Each language is a file of its own: nobody loads the other one. */
export async function loadWords(language: Language): Promise<Words> {
  const known = loaded[language];
  if (known) return known;
  const words = language === "zh" ? (await import("../words/zh.ts")).zh : (await import("../words/en.ts")).en;
  loaded[language] = words;
  return words;
}

export async function chooseLanguage(language: Language): Promise<Words> {
  const words = await loadWords(language);
  current = language;
  writeCookie("lang", language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  return words;
}

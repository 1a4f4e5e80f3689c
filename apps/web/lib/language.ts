/**
 * Which language the page speaks: what was chosen, else what the browser asks for. The choice is a cookie, so that the server
 * can send the first page right.
 */
import type { Messages } from "../messages/zh.ts";
import { spoken } from "./railway.ts";
import { readCookie, writeCookie } from "./storage.ts";

export type Language = "zh" | "en";

/** Asked for by the server too when it makes the page: `lang` on the root is the answer of both. */
let current: Language | null = null;

export function pageLanguage(): Language {
  if (current) return current;
  const chosen = readCookie("lang");
  if (spoken.includes(chosen as Language)) current = chosen as Language;
  else current = preferredOf(globalThis.navigator?.languages ?? []);
  return current;
}

function preferredOf(languages: readonly string[]): Language {
  const named = languages.map((tag) => spoken.find((each) => tag.toLowerCase().startsWith(each)));
  const other = languages.length > 0 && spoken.includes("en") ? "en" : spoken[0]!;
  return named.find((each) => each !== undefined) ?? other;
}

const loaded: Partial<Record<Language, Messages>> = {};

/** Each language is a file of its own: nobody loads the other one. */
export async function loadMessages(language: Language): Promise<Messages> {
  const known = loaded[language];
  if (known) return known;
  const messages = language === "zh" ? (await import("../messages/zh.ts")).zh : (await import("../messages/en.ts")).en;
  loaded[language] = messages;
  return messages;
}

export async function chooseLanguage(language: Language): Promise<Messages> {
  const messages = await loadMessages(language);
  current = language;
  writeCookie("lang", language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  return messages;
}

/** What a page is made for: the language and the theme of its reader, and the name of the railway. */
import { type Policy, policyProfiles } from "@chepiao/contracts";

export type Language = "zh" | "en";
export type Asked = { readonly language: Language; readonly theme: "light" | "dark" | "" };

/** Over TLS both cookies have names that no other host can set. */
export function askedBy(request: Request, spoken: readonly Language[]): Asked {
  const cookies = request.headers.get("cookie") ?? "";
  const chosen = /(?:^|;\s*)(?:__Host-)?lang=(zh|en)\b/.exec(cookies)?.[1] as Language | undefined;
  const theme = /(?:^|;\s*)(?:__Host-)?theme=(light|dark)\b/.exec(cookies)?.[1] as Asked["theme"] | undefined;
  const language =
    chosen && spoken.includes(chosen) ? chosen : preferred(request.headers.get("accept-language"), spoken);
  return { language, theme: theme ?? "" };
}

/** The first that is spoken here in the browser's own order, which is what `navigator.languages` says too. */
function preferred(accepted: string | null, spoken: readonly Language[]): Language {
  const tags = (accepted ?? "").split(",").map((tag) => tag.trim().toLowerCase());
  const named = tags.map((tag) => spoken.find((each) => tag.startsWith(each)));
  return named.find((each) => each !== undefined) ?? (accepted && spoken.includes("en") ? "en" : spoken[0]!);
}

/** A railway's site has its name. Those of the policies that come with the platform are examples, and nobody's. */
export function brandOf(name: Policy["name"]): Readonly<Record<Language, string>> {
  const isExample = Object.values(policyProfiles).some((each) => each.name.zh === name.zh && each.name.en === name.en);
  return isExample ? { zh: "车票", en: "Chepiao" } : name;
}

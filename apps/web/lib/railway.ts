/** What the page was told of the railway when it was made: what money is in, which languages are spoken, and its name. */
import type { CurrencyForm } from "@chepiao/kernel";

const [code = "CNY", minorUnits = "2", languages = "zh,en"] =
  globalThis.document?.querySelector<HTMLMetaElement>("meta[name=railway]")?.content.split(" ") ?? [];

/** What the site is called; null where the page was not made by a platform. */
export const brandIn = (language: "zh" | "en"): string | null =>
  globalThis.document?.querySelector<HTMLMetaElement>(`meta[name=brand-${language}]`)?.content ?? null;

export const currency: CurrencyForm = { code, minorUnits: Number(minorUnits) };
export const spoken = languages.split(",") as readonly ("zh" | "en")[];

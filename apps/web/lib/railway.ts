/** What the page was told of the railway when it was made: what money is in, and which languages are spoken. */
import type { CurrencyForm } from "@chepiao/kernel";

const [code = "CNY", minorUnits = "2", languages = "zh,en"] =
  globalThis.document?.querySelector<HTMLMetaElement>("meta[name=railway]")?.content.split(" ") ?? [];

export const currency: CurrencyForm = { code, minorUnits: Number(minorUnits) };
export const spoken = languages.split(",") as readonly ("zh" | "en")[];

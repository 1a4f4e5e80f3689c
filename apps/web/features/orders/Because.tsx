/** Why something came to nothing, from the catalogue of refusals: it is told in both languages there. */
import { refusals } from "@chepiao/contracts";
import { Notice } from "../../lib/components.tsx";
import type { Language } from "../../lib/language.ts";
import { useLanguage } from "../../lib/messages.tsx";

type Catalogue = Readonly<Record<string, { readonly say: Readonly<Record<Language, string>> }>>;

/** Null for what an older page does not know yet. */
export const reasonText = (code: string, language: Language): string | null =>
  (refusals as Catalogue)[code]?.say[language] ?? null;

export function Because({ code }: { readonly code: string }) {
  const { messages, language } = useLanguage();
  const text = reasonText(code, language);
  return text === null ? null : (
    <Notice kind="warn" title={messages.order.because}>
      {text}
    </Notice>
  );
}

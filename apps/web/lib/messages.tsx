/** The messages of the page's language, for every component, and how to change it. */
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import type { Messages } from "../messages/zh.ts";
import { chooseLanguage, type Language, pageLanguage } from "./language.ts";

type LanguageState = {
  readonly messages: Messages;
  readonly language: Language;
  readonly setLanguage: (language: Language) => Promise<void>;
};

const LanguageContext = createContext<LanguageState | null>(null);

export function LanguageProvider({ first, children }: { readonly first: Messages; readonly children: ReactNode }) {
  const [messages, setMessages] = useState(first);
  const [language, setLanguage] = useState(pageLanguage);
  const languageState = useMemo(
    () => ({
      messages,
      language,
      async setLanguage(wanted: Language) {
        setMessages(await chooseLanguage(wanted));
        setLanguage(wanted);
      },
    }),
    [messages, language],
  );
  return <LanguageContext value={languageState}>{children}</LanguageContext>;
}

export function useLanguage(): LanguageState {
  const languageState = useContext(LanguageContext);
  if (!languageState) throw new Error("a component asks for messages outside LanguageProvider");
  return languageState;
}
export const useMessages = (): Messages => useLanguage().messages;

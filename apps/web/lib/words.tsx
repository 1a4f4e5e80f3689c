/** The words of the page's language, for every component, and how to change it. */
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import type { Words } from "../words/zh.ts";
import { chooseLanguage, type Language, pageLanguage } from "./language.ts";

type Speech = {
  readonly words: Words;
  readonly language: Language;
  readonly speak: (language: Language) => Promise<void>;
};

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider({ first, children }: { readonly first: Words; readonly children: ReactNode }) {
  const [words, setWords] = useState(first);
  const [language, setLanguage] = useState(pageLanguage);
  const speech = useMemo(
    () => ({
      words,
      language,
      async speak(wanted: Language) {
        setWords(await chooseLanguage(wanted));
        setLanguage(wanted);
      },
    }),
    [words, language],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error("a component speaks outside SpeechProvider");
  return speech;
}
export const useWords = (): Words => useSpeech().words;

/** What the site says of journeys with a change: it comes with them, and not with the first page. */
import { useLanguage } from "../../lib/messages.tsx";
import { journeysEn } from "../../messages/journeys.en.ts";
import { type JourneysMessages, journeysZh } from "../../messages/journeys.zh.ts";

export const useJourneysMessages = (): JourneysMessages => (useLanguage().language === "zh" ? journeysZh : journeysEn);

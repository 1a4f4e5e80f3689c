/** What the site says of appeals: it comes with the page that says it. */
import { useLanguage } from "../../lib/messages.tsx";
import { appealEn } from "../../messages/appeal.en.ts";
import { type AppealMessages, appealZh } from "../../messages/appeal.zh.ts";

export const useAppealMessages = (): AppealMessages => (useLanguage().language === "zh" ? appealZh : appealEn);

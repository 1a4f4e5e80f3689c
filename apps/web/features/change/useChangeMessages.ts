/** What the site says of changes: it comes with the pages that say it, and not with the first one. */
import { useLanguage } from "../../lib/messages.tsx";
import { changeEn } from "../../messages/change.en.ts";
import { type ChangeMessages, changeZh } from "../../messages/change.zh.ts";

export const useChangeMessages = (): ChangeMessages => (useLanguage().language === "zh" ? changeZh : changeEn);

/** What the site says of accounts: it comes with what asks for one, and not with the first page. */
import { accountEn } from "../messages/account.en.ts";
import { type AccountMessages, accountZh } from "../messages/account.zh.ts";
import { useLanguage } from "./messages.tsx";

export const useAccountMessages = (): AccountMessages => (useLanguage().language === "zh" ? accountZh : accountEn);

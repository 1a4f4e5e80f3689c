/** What the site says of the waitlist: it comes with the pages that say it, and not with the first one. */
import { useLanguage } from "../../lib/messages.tsx";
import { waitlistEn } from "../../messages/waitlist.en.ts";
import { type WaitlistMessages, waitlistZh } from "../../messages/waitlist.zh.ts";

export const useWaitlistMessages = (): WaitlistMessages => (useLanguage().language === "zh" ? waitlistZh : waitlistEn);

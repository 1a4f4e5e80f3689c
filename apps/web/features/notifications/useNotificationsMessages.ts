/** What the site says of the message centre: it comes with its page. */
import { useLanguage } from "../../lib/messages.tsx";
import { notificationsEn } from "../../messages/notifications.en.ts";
import { type NotificationsMessages, notificationsZh } from "../../messages/notifications.zh.ts";

export const useNotificationsMessages = (): NotificationsMessages =>
  useLanguage().language === "zh" ? notificationsZh : notificationsEn;

/** That the last mail to the account's address was refused for good: its owner would wait for the next one in vain. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { Notice } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { notificationsKey } from "../../lib/unread.ts";
import { useNotificationsMessages } from "./useNotificationsMessages.ts";

/** What of the messages is mailed, and whether mails arrive. */
export function useMailSettings() {
  const { language } = useLanguage();
  const queryKey = [...notificationsKey, "preferences", language];
  return { queryKey, found: useQuery({ queryKey, queryFn: () => ask("GET /api/notifications/preferences", {}) }) };
}

export function MailsRefused() {
  const messages = useMessages();
  const texts = useNotificationsMessages();
  const refusedAt = useMailSettings().found.data?.refusedAt;
  if (!refusedAt) return null;
  return (
    <Notice kind="warn" title={texts.refused}>
      {texts.refusedNote(`${dayText(dateOf(refusedAt), messages)} ${timeOf(refusedAt)}`)}
    </Notice>
  );
}

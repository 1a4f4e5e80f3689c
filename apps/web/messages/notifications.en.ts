/** The message centre: it comes with its page. What a message says comes from the platform. */
import type { NotificationsMessages } from "./notifications.zh.ts";

export const notificationsEn: NotificationsMessages = {
  title: "Messages",
  none: "No messages yet",
  noneNote: "What becomes of bookings, changes, refunds, the waitlist and your trains is told here.",
  loginNote: "Log in to see messages about your orders.",
  unread: "Unread",
  readAll: "Mark all as read",
  toOrder: "Show the order",
  toEntry: "Show the waitlist entry",
  toAccount: "Show your account",
  older: "Older messages",
  refused: "Mails do not reach you",
  refusedNote: (when) =>
    `The mail server of your address refused our last mail for good, ${when}. Check the address in your account, and change it there if need be. The next message is mailed all the same.`,
  preferences: "Mail settings",
  mailed: "Mailed to you",
  hours: "Hours",
  quiet: "Quiet hours",
  quietFrom: "From",
  quietUntil: "to",
  quietNote:
    "Mails of these hours come at their end. That a train does not run, or not all the way, or that your password was changed, is mailed at any hour.",
  language: "Language of mails",
  languages: { both: "Chinese and English", zh: "Chinese", en: "English" },
};

/** The bugs of notifications and their mails. Most are found by seed 7 with `--rounds 1`; what dies between being heard and being written by 28. */
import type { PlantedBug } from "./planted.ts";

const room = "packages/services/notification";

export const plantedNotificationBugs: readonly PlantedBug[] = [
  {
    name: "notification-lost-by-a-death",
    about: "a record of the log counts as heard before its notifications are written (I2)",
    file: `${room}/consume.ts`,
    find: "handle: (records) => write(records.flatMap(({ value }) => toldBy(value) ?? [])),",
    replace:
      "handle: async (records) => void write(records.flatMap(({ value }) => toldBy(value) ?? [])).catch(() => {}),",
  },
  {
    name: "notification-of-a-sale-undone",
    about: "who has not paid in time is told that he has tickets (I2)",
    file: `${room}/decide.ts`,
    find: 'return [told("orderExpired", { trips: all.trips })];',
    replace: 'return [told("ticketsBooked", all)];',
  },
  {
    name: "notification-told-twice",
    about: "a refund that is heard of again is told of again (I7)",
    file: `${room}/decide.ts`,
    find: 'notification(refundNo, "moneyReturned"',
    replace: 'notification(`${refundNo}.${at}`, "moneyReturned"',
  },
  {
    name: "notification-of-the-deleted-kept",
    about: "what is told to an account while it is deleted stays (no invariant, but the law)",
    file: `${room}/telling.ts`,
    find: "    await eraseOfDeleted(notifications);\n",
    replace: "",
  },
  {
    name: "mail-not-noted-as-sent",
    about: "that a mail was taken is not noted, and it is sent again and again (I7)",
    file: `${room}/mailing.ts`,
    find: "await deliveries.settle(delivery, delivery.tries, outcome);",
    replace: 'if (outcome.state !== "sent") await deliveries.settle(delivery, delivery.tries, outcome);',
  },
  {
    name: "mail-lost-by-a-server-away",
    about: "a mail that nobody took counts as sent (I2)",
    file: `${room}/mailing.ts`,
    find: "return decideFailed(delivery, error, clock.now());",
    replace: 'return { state: "sent", lastError: null, at: clock.now() };',
  },
  {
    name: "mail-given-up",
    about: "a mail that nobody took at once is not tried again (I2)",
    file: `${room}/mailing.ts`,
    find: "return dueAt - at < mailableForMs ?",
    replace: "return tries < 1 ?",
  },
  {
    name: "mail-not-wanted",
    about: "kinds that an account does not want are mailed all the same",
    file: `${room}/preferences.ts`,
    find: "if ((preferences.notMailed as readonly string[]).includes(kind)) return",
    replace: "if (preferences.notMailed.length > 100) return",
  },
  {
    name: "mail-in-quiet-hours",
    about: "quiet hours are not kept",
    file: `${room}/preferences.ts`,
    find: "return until === null ? {",
    replace: "return until === null || until > now ? {",
  },
  {
    name: "mail-lost-by-quiet-hours",
    about: "what comes in quiet hours is never mailed (I2)",
    file: `${room}/mailing.ts`,
    find: 'if (wanted.kind === "later") return { state: "queued", lastError: null, dueAt: wanted.at };',
    replace: 'if (wanted.kind === "later") return { state: "dropped", lastError: "not now", at: now };',
  },
];

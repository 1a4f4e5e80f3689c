/** From HTTP to the notification room and back: an account reads its own, and says what it has read. */
import {
  type Handlers,
  isMandatory,
  notificationKinds,
  type NotificationPreferences,
  type notificationRoutes,
  type NotificationView,
  preferencesDefault,
  refusal,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import { epochMs, formatInZone, notificationsUnreadMax, ok, parseZone, refuse, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { NotificationPlace, NotificationRecord, NotificationStore } from "@chepiao/ports/notification-store";
import { notificationTexts } from "./texts.ts";
import { type Language, wordsOf } from "./words.ts";

export type ApiDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Pick<Timetable, "policy" | "station" | "zone">;
  readonly store: NotificationStore;
  readonly deliveries: Pick<Deliveries, "find">;
  readonly users: Pick<UserClient, "mailAddress">;
  readonly carriesMails: boolean;
};

const pageSizeDefault = 20;
/** Of an account's mails, the newest: among them is the last that came to an end. */
const lookedAt = 50;

export function createHandlers({
  clock,
  timetable,
  store,
  deliveries,
  users,
  carriesMails,
}: ApiDeps): Handlers<typeof notificationRoutes> {
  const unread = (userId: UserId) => store.unread(userId, notificationsUnreadMax);

  function view(record: NotificationRecord, language: Language): NotificationView {
    const { notificationId, kind, facts, at, readAt } = record;
    return {
      notificationId,
      kind,
      ...wordsOf(kind, facts, { language, timetable: timetable() }),
      orderNo: facts.orderNo,
      at: formatInZone(at, timetable().zone),
      isRead: readAt !== null,
      place: placeText(record),
    };
  }

  /** Nobody marks an address: what became of the last mail to it says it, until one is taken. */
  async function lastRefused(userId: UserId): Promise<string | null> {
    const newest = await deliveries.find({ userId, limit: lookedAt });
    const [last] = newest
      .filter(({ state }) => state === "sent" || state === "bounced")
      .toSorted((a, b) => b.dueAt - a.dueAt);
    return last?.state === "bounced" ? formatInZone(last.dueAt, timetable().zone) : null;
  }

  async function preferencesAnswer(userId: UserId, preferences: NotificationPreferences, language: Language) {
    const isMailed = carriesMails && (await users.mailAddress(userId)) !== null;
    const kinds = notificationKinds.map((kind) => ({
      kind,
      title: notificationTexts[kind].title[language],
      isMandatory: isMandatory(kind),
    }));
    const refusedAt = isMailed ? await lastRefused(userId) : null;
    return ok({ status: 200 as const, body: { preferences, isMailed, refusedAt, kinds } });
  }

  return {
    async preferences({ session, language }) {
      const userId = session.userId as UserId;
      return preferencesAnswer(userId, (await store.preferences(userId)) ?? preferencesDefault, language);
    },
    async setPreferences({ session, body, language }) {
      const { quiet } = body;
      if (quiet !== null && parseZone(quiet.zone) === null)
        return refuse(refusal("MalformedRequest", undefined, [zoneUnknown[language]]));
      const userId = session.userId as UserId;
      await store.setPreferences(userId, body, clock.now());
      return preferencesAnswer(userId, body, language);
    },
    async list({ session, query: { before, limit = pageSizeDefault }, language }) {
      const userId = session.userId as UserId;
      const page = { limit: limit === 0 ? 0 : limit + 1, ...(before === undefined ? {} : { before: placeIn(before) }) };
      const [found, count] = await Promise.all([store.ofUser(userId, page), unread(userId)]);
      const shown = found.slice(0, limit);
      return ok({
        status: 200,
        body: {
          notifications: shown.map((record) => view(record, language)),
          unread: count,
          next: found.length > limit ? placeText(shown.at(-1)!) : null,
        },
      });
    },
    async read({ session, body: { notificationIds, upTo } }) {
      const userId = session.userId as UserId;
      if (notificationIds) await store.markRead(userId, notificationIds, clock.now());
      if (upTo !== undefined) await store.markReadUpTo(userId, placeIn(upTo), clock.now());
      return ok({ status: 200, body: { unread: await unread(userId) } });
    },
  };
}

const zoneUnknown = {
  zh: { path: "/quiet/zone", message: "不是已知的时区。" },
  en: { path: "/quiet/zone", message: "is no time zone that is known." },
};

const placeText = ({ at, notificationId }: NotificationPlace): string => `${at}.${notificationId}`;

function placeIn(text: string): NotificationPlace {
  const dot = text.indexOf(".");
  return { at: epochMs(Number(text.slice(0, dot))), notificationId: text.slice(dot + 1) };
}

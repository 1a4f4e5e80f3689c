/**
 * Tells an account: a row that it reads in the message centre, and where somebody carries mails a delivery to the address that it has proved. A
 * record of the log counts as heard once both are written, and whoever hears it again writes the same (I7).
 */
import type { UserClient } from "@chepiao/contracts";
import { dayMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { NewNotification, NotificationStore } from "@chepiao/ports/notification-store";

export type TellingDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<NotificationStore, "add" | "erase">;
  readonly deliveries: Pick<Deliveries, "add" | "erase">;
  readonly users: Pick<UserClient, "mailAddress" | "isDeleted">;
  readonly carriesMails: boolean;
};
export type Tell = (notifications: readonly NewNotification[]) => Promise<void>;

/** What happened longer ago is no news: it is read from a log of days, or nobody took its mail for so long. */
export const mailableForMs = dayMs;

export function createTelling({ clock, store, deliveries, users, carriesMails }: TellingDeps): Tell {
  /** Who cannot be asked for now is asked for again when the mail is to go: nobody's next notification waits for that. */
  async function isReached({ at, userId }: NewNotification): Promise<boolean> {
    if (clock.now() - at >= mailableForMs) return false;
    try {
      return (await users.mailAddress(userId)) !== null;
    } catch {
      return true;
    }
  }

  async function addMails(notifications: readonly NewNotification[]) {
    const reached = await Promise.all(notifications.map(isReached));
    const mailed = notifications.filter((_, n) => reached[n]);
    await deliveries.add(mailed.map((each) => ({ ...each, channel: "mail" })));
  }

  /** An account may be deleted while it is told something: asked afterwards, as the room that deletes it erases only what stands by then. */
  async function eraseOfDeleted(notifications: readonly NewNotification[]) {
    const userIds = [...new Set(notifications.map(({ userId }) => userId))];
    const deleted = await Promise.all(userIds.map(async (userId) => users.isDeleted(userId)));
    for (const userId of userIds.filter((_, n) => deleted[n])) {
      await store.erase(userId);
      await deliveries.erase(userId);
    }
  }

  return async (notifications) => {
    if (notifications.length === 0) return;
    await store.add(notifications);
    if (carriesMails) await addMails(notifications);
    await eraseOfDeleted(notifications);
  };
}

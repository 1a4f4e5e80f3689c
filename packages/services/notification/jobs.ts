/** What the notification room does by itself. One process of all does it; two for a moment write the same twice, which is once. */
import { epochMs, hourMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import type { Work } from "@chepiao/room";

export type JobsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<NotificationStore, "forget">;
  readonly notificationsKeptMs: number;
  readonly tellOfCancelledRuns: () => Promise<void>;
};

/** Some milliseconds of the writer process. */
export const forgottenAtOnce = 200;

export function createJobs({ clock, store, notificationsKeptMs, tellOfCancelledRuns }: JobsDeps) {
  /** True where more of them are left. */
  const forget = async (): Promise<boolean> =>
    (await store.forget(epochMs(clock.now() - notificationsKeptMs), forgottenAtOnce)) === forgottenAtOnce;

  const job = (name: string, everyMs: number, pass: () => Promise<unknown>): Work => ({
    kind: "job",
    name,
    electedAs: "notification",
    everyMs,
    pass,
    failed: `notifications could not be looked after (${name}); trying again`,
  });
  const work: readonly Work[] = [
    job("who has tickets of cancelled runs", 2 * secondMs, tellOfCancelledRuns),
    job("notifications of long ago", hourMs, forget),
  ];
  return { forget, work };
}

/** What the notification room does by itself. One process of all does it; two for a moment write the same twice, which is once. */
import { epochMs, hourMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import type { Job, Work } from "@chepiao/room";

export type JobsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<NotificationStore, "forget">;
  readonly deliveries: Pick<Deliveries, "forget">;
  readonly notificationsKeptMs: number;
  readonly tellOfCancelledRuns: () => Promise<void>;
  readonly tellOfLostSeats: () => Promise<void>;
  /** Null where nobody carries mails. */
  readonly mail: (() => Promise<boolean>) | null;
};

/** Some milliseconds of the writer process. */
export const forgottenAtOnce = 200;

export function createJobs(deps: JobsDeps) {
  const { clock, store, deliveries, notificationsKeptMs, tellOfCancelledRuns, tellOfLostSeats, mail } = deps;
  /** True where more of them are left. */
  async function forget(): Promise<boolean> {
    const before = epochMs(clock.now() - notificationsKeptMs);
    const forgotten = [await deliveries.forget(before, forgottenAtOnce), await store.forget(before, forgottenAtOnce)];
    return forgotten.includes(forgottenAtOnce);
  }

  const job = (name: string, everyMs: number, pass: () => Promise<unknown>): Job => ({
    kind: "job",
    name,
    electedAs: "notification",
    everyMs,
    pass,
    failed: `notifications could not be looked after (${name}); trying again`,
  });
  const work: readonly Work[] = [
    job("who has tickets of cancelled runs", 2 * secondMs, tellOfCancelledRuns),
    job("who has no seat in place of one in a lost coach", 20 * secondMs, tellOfLostSeats),
    job("notifications of long ago", hourMs, forget),
    // A server that takes nothing is not asked at every turn.
    ...(mail ? [{ ...job("mails", secondMs, mail), restMs: 10 * secondMs }] : []),
  ];
  return { forget, work };
}

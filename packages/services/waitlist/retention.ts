/**
 * Entries that have ended are kept for as long as anybody asks what became of them. What chances are estimated from was counted within a week
 * of each departure (count.ts), and the money is in the books of the payment room.
 */
import { epochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";

export type RetentionDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<WaitlistStore, "forgetEnded">;
  readonly entriesKeptMs: number;
};

/** Some milliseconds of the writer process. */
export const forgottenAtOnce = 200;

/** True where more of them are left. */
export const createRetention =
  ({ clock, store, entriesKeptMs }: RetentionDeps) =>
  async (): Promise<boolean> =>
    (await store.forgetEnded(epochMs(clock.now() - entriesKeptMs), forgottenAtOnce)) === forgottenAtOnce;

/**
 * Whether what is accepted becomes rows. While SQL is away, purchases could be accepted for hours: they are in the log, and lost
 * they are not; but nobody can pay for them, and their time to pay runs. So a door remembers an order a second, and asks whether it
 * is still waiting to be written. When nothing was written of all that it accepted for minutes, it accepts no more until
 * something is.
 *
 * One order that cannot be written, for whatever reason, closes no door: any later one that was written vouches for it, and a few
 * are not enough to tell.
 */
import { type EpochMs, type OrderId, paymentTimeoutMsDefault, secondMs, writtenWithinMsMax } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Submissions } from "@chepiao/ports/submissions";

export type Backlog = {
  accepted(orderId: OrderId): void;
  /** Also looks again, if it has not for a second. */
  isTooLong(): boolean;
};

export type BacklogDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly submissions: Pick<Submissions, "find">;
};

const everyMs = secondMs;
/** So many have to wait. */
const enough = 5;
/** What waits for longer says nothing of now: then the next few are accepted, and show whether it is over. */
const forgetAfterMs = paymentTimeoutMsDefault;

export function createBacklog({ clock, submissions }: BacklogDeps): Backlog {
  let samples: { readonly orderId: OrderId; readonly at: EpochMs }[] = [];
  let lookedAt = -Infinity;
  let isLooking = false;

  async function look() {
    const asked = samples;
    const waiting = await Promise.all(asked.map(({ orderId }) => submissions.find(orderId)));
    const written = new Set(asked.slice(0, waiting.lastIndexOf(null) + 1));
    samples = samples.filter((sample) => !written.has(sample) && clock.now() - sample.at < forgetAfterMs);
  }

  function lookNowAndThen(now: EpochMs) {
    if (isLooking || samples.length === 0 || now - lookedAt < everyMs) return;
    isLooking = true;
    lookedAt = now;
    void look()
      // Who cannot be asked cannot take a purchase either, and says so there.
      .catch(() => {})
      .finally(() => (isLooking = false));
  }

  return {
    accepted(orderId) {
      const at = clock.now();
      if (samples.length === 0 || at - samples.at(-1)!.at >= everyMs) samples = [...samples, { orderId, at }];
      lookNowAndThen(at);
    },
    isTooLong() {
      const now = clock.now();
      lookNowAndThen(now);
      return samples.length >= enough && now - samples[0]!.at > writtenWithinMsMax;
    },
  };
}

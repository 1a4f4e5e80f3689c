/**
 * Whether what is accepted becomes rows. While SQL is away, purchases could be accepted for hours: they are in the log, and lost
 * they are not; but nobody can pay for them, and their time to pay runs. So a door remembers an order a second, and asks whether it
 * is still waiting to be written. When nothing was written of all that it accepted for minutes, it accepts no more until
 * something is.
 *
 * One order that cannot be written, for whatever reason, closes no door: any later one that was written vouches for it, and a few
 * are not enough to tell.
 */
import { type EpochMs, type OrderId, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Submissions } from "@chepiao/ports/submissions";
import type { OrderRules } from "../rules.ts";

export type Backlog = {
  accepted(orderId: OrderId): void;
  /** Also looks again, if it has not for a second. */
  isTooLong(): boolean;
  /** How long the first of those was waiting that had not been written when it looked last. */
  oldestMs(): number;
};

export type BacklogDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly submissions: Pick<Submissions, "find">;
  readonly rules: () => Pick<OrderRules, "timeToPayMsMax" | "writtenWithinMs">;
};

const everyMs = secondMs;
/** So many have to wait. */
const enough = 5;

export function createBacklog({ clock, submissions, rules }: BacklogDeps): Backlog {
  let samples: { readonly orderId: OrderId; readonly at: EpochMs }[] = [];
  let probedAt = -Infinity;
  let isProbing = false;
  let oldestMs = 0;

  async function probeSamples() {
    const asked = samples;
    const waiting = await Promise.all(asked.map(({ orderId }) => submissions.find(orderId)));
    const written = new Set(asked.slice(0, waiting.lastIndexOf(null) + 1));
    samples = samples.filter((sample) => !written.has(sample));
    oldestMs = samples.length === 0 ? 0 : Math.max(0, probedAt - samples[0]!.at);
  }

  /** What waits for longer than it could be paid says nothing of now: then the next few are accepted, and show whether it is over. */
  function forgetOld(now: EpochMs) {
    const forgetAfterMs = rules().timeToPayMsMax;
    while (samples.length > 0 && now - samples[0]!.at >= forgetAfterMs) samples = samples.slice(1);
  }

  function probeNowAndThen(now: EpochMs) {
    if (isProbing || samples.length === 0 || now - probedAt < everyMs) return;
    isProbing = true;
    probedAt = now;
    void probeSamples()
      // Who cannot be asked cannot take a purchase either, and says so there.
      .catch(() => {})
      .finally(() => (isProbing = false));
  }

  return {
    accepted(orderId) {
      const at = clock.now();
      if (samples.length === 0 || at - samples.at(-1)!.at >= everyMs) samples = [...samples, { orderId, at }];
      probeNowAndThen(at);
    },
    isTooLong() {
      const now = clock.now();
      forgetOld(now);
      probeNowAndThen(now);
      return samples.length >= enough && now - samples[0]!.at > rules().writtenWithinMs;
    },
    oldestMs: () => (samples.length === 0 ? 0 : oldestMs),
  };
}

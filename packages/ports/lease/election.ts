/**
 * Standing for a lease for as long as one lives. The process that has it asks `lease()` before each piece of work; the answer is careful:
 * null from the moment on when, by this process's own clock, the lease may have ended, whether or not anybody has said so.
 */
import type { Clock } from "@chepiao/ports/clock";
import type { Lease, Leases } from "./lease.ts";

export type ElectionDeps = {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly name: string;
  /** After the death of the one who has it, nobody does the work for so long. */
  readonly ttlMs: number;
  /** Told what went wrong; it is tried again. */
  readonly report: (trouble: unknown) => void;
};

export type Election = AsyncDisposable & {
  /** The lease, if this process has it now. */
  lease(): Lease | null;
};

/** Renewed so often within its life, so that one attempt may fail. */
const attemptsPerLife = 3;

export function elect({ leases, clock, name, ttlMs, report }: ElectionDeps): Election {
  let held: { readonly lease: Lease; readonly until: number } | null = null;
  let ended = false;
  let working: Promise<void> = Promise.resolve();
  let cancelTimer = () => {};

  const heldNow = () => (held && clock.now() < held.until ? held.lease : null);

  async function attempt() {
    // Counted from before the question: the lease may have begun to run as soon as it was asked.
    const until = clock.now() + ttlMs;
    const mine = heldNow();
    const lease = mine ? (await leases.renew(mine, ttlMs)) && mine : await leases.acquire(name, ttlMs);
    held = lease ? { lease, until } : null;
  }

  async function goOn() {
    working = attempt().catch(report);
    await working;
    if (!ended) cancelTimer = clock.after(ttlMs / attemptsPerLife, () => void goOn());
  }
  void goOn();

  return {
    lease: heldNow,
    async [Symbol.asyncDispose]() {
      ended = true;
      cancelTimer();
      await working;
      const mine = heldNow();
      held = null;
      if (mine) await leases.release(mine).catch(report);
    },
  };
}

/**
 * One life of a process, or a person: whatever it waits for reaches it through here. When it is killed, nothing it was waiting for
 * ever comes, and its memory is gone with the promises that held it; while it is frozen everything waits; its clock is its own.
 */
import { type EpochMs, epochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Chance } from "./chance.ts";
import type { Scheduler } from "./scheduler.ts";

export type Life = {
  readonly name: string;
  readonly chance: Chance;
  readonly clock: Clock;
  isAlive(): boolean;
  isFrozen(): boolean;
  /** Calls after so many microseconds, unless this life has ended by then. */
  after(delayUs: number, what: string, run: () => void): () => void;
  kill(): void;
  /** Does something at one of the next calls that it makes, or answers that it gets, of that name or any, beside others that wait for one; the returned function takes it back. */
  atCall(number: number, run: () => void, what?: string): () => void;
  /** It makes a call, or gets an answer. */
  called(what: string): void;
  /** Nothing happens in it for so long; it does not know. */
  freeze(forUs: number): void;
};

export type LifeDeps = {
  readonly name: string;
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  /** What the machine it runs on believes to be the time. */
  readonly machineNow: () => EpochMs;
};

export function createLife({ name, chance, scheduler, machineNow }: LifeDeps): Life {
  let alive = true;
  let frozenUntil = 0;
  const awaited = new Set<{ left: number; readonly run: () => void; readonly what: string | undefined }>();

  function after(delayUs: number, what: string, run: () => void): () => void {
    let cancelled = false;
    let cancel = scheduler.after(delayUs, name, what, go);
    function go() {
      if (!alive || cancelled) return;
      if (scheduler.now() < frozenUntil) cancel = scheduler.after(frozenUntil - scheduler.now(), name, what, go);
      else run();
    }
    return () => {
      cancelled = true;
      cancel();
    };
  }

  return {
    name,
    chance,
    clock: {
      now: machineNow,
      after: (delayMs, call) => after(Math.max(0, delayMs) * 1_000, "timer", call),
      soon: (call) => void after(0, "soon", call),
    },
    isAlive: () => alive,
    isFrozen: () => scheduler.now() < frozenUntil,
    after,
    kill() {
      alive = false;
    },
    atCall(number, run, what) {
      const mine = { left: number, run, what };
      awaited.add(mine);
      return () => void awaited.delete(mine);
    },
    called(what) {
      // What one of them waits for next does not hear of this call.
      const due = [...awaited].filter((each) => (each.what ?? what) === what && --each.left <= 0);
      for (const each of due) {
        awaited.delete(each);
        each.run();
      }
    },
    freeze(forUs) {
      frozenUntil = Math.max(frozenUntil, scheduler.now() + forUs);
    },
  };
}

/** The clock of a machine: right, but for what it is set off by. */
export const machineClock = (scheduler: Pick<Scheduler, "now">, beganAt: EpochMs, offMs: () => number) => (): EpochMs =>
  epochMs(beganAt + Math.floor(scheduler.now() / 1_000) + offMs());

/**
 * The one way to change an entry that exists: it is read, decided on, and changed by compare-and-set on the version that was read; who loses
 * that race decides again on what has won. Trains by which it can be served no more leave the line of their run after that: whatever they are
 * given meanwhile goes to the next.
 */
import type { LinesClient, LogRecord } from "@chepiao/contracts";
import { type OrderId, waitlistNoOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistChange, WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import { namesLeft } from "./needs.ts";

export type ChangesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<WaitlistStore, "load" | "change" | "enqueue">;
  readonly inventory: Pick<LinesClient, "leave">;
  readonly kickOutbox: () => void;
  readonly report: (message: string, error?: unknown) => void;
};

export type Decision = { readonly change?: WaitlistChange | null | undefined };

/** The decision that stands, and the entry as it is after it. */
export type Made<D extends Decision> = { readonly decision: D; readonly entry: WaitlistRecord };

export type Changes = {
  /** Null where nobody knows the entry. `decide` is pure, and called once more whenever another change was quicker. */
  make<D extends Decision>(entryId: OrderId, decide: (entry: WaitlistRecord) => D): Promise<Made<D> | null>;
  enqueue(messages: readonly LogRecord[]): Promise<void>;
};

/** More often than this it is not bad luck. */
const attemptsMax = 10;

export function createChanges({ clock, store, inventory, kickOutbox, report }: ChangesDeps): Changes {
  async function leaveLines(before: WaitlistRecord, after: WaitlistRecord) {
    const names = namesLeft(before, after);
    if (names.length === 0) return;
    try {
      await inventory.leave(names);
    } catch (error) {
      report(
        `entry ${waitlistNoOf(before.entryId)} could not leave its lines; what they give it goes to the next`,
        error,
      );
    }
  }

  return {
    async make(entryId, decide) {
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const entry = await store.load(entryId);
        if (!entry) return null;
        const decision = decide(entry);
        const { change } = decision;
        if (!change) return { decision, entry };
        if (!(await store.change(change, clock.now()))) continue;
        if (change.messages.length > 0) kickOutbox();
        const changed = { ...change.entry, version: entry.version + 1 };
        await leaveLines(entry, changed);
        return { decision, entry: changed };
      }
      throw new Error(`entry ${waitlistNoOf(entryId)} is changed by others faster than it can be decided on`);
    },
    async enqueue(messages) {
      await store.enqueue(messages, clock.now());
      kickOutbox();
    },
  };
}

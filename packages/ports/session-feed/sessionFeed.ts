/**
 * Word between processes that sessions have ended, or that an account is not what it was. A hint only: who does not hear it asks the
 * store within a minute, as everybody does.
 */
import type { UserId } from "@chepiao/kernel";

/** A session that ended, or null for all of an account that is not what it was. */
export type SessionChange = { readonly userId: UserId; readonly sessionId: string | null };

export type SessionFeed = {
  /** Told after the change, so that nobody reads back in between what was before. Nobody waits, and what cannot be told is lost. */
  changed(change: SessionChange): void;
  /** Calls on every change, also on one's own, maybe twice, until the returned function is called. */
  follow(heard: (change: SessionChange) => void): () => void;
};

/** Within one process that is all there is to it. */
export function createMemorySessionFeed(): SessionFeed {
  const followers = new Set<(change: SessionChange) => void>();
  return {
    changed(change) {
      for (const heard of followers) heard(change);
    },
    follow(heard) {
      followers.add(heard);
      return () => void followers.delete(heard);
    },
  };
}

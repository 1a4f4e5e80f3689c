/**
 * Messages that are kept instead of being sent, where a platform is only practised with. They have phones and codes in them,
 * so they arrive sealed, with a keyed hash of the recipient to find them by.
 */
import type { EpochMs } from "@chepiao/kernel";

export type SentMessage = {
  readonly messageId: string;
  readonly recipientHash: string;
  readonly contentSealed: string;
  readonly createdAt: EpochMs;
};

export type SentMessages = {
  /** The same id again changes nothing. */
  add(message: SentMessage): Promise<void>;
  /** Newest first, at most `limit`. */
  of(recipientHash: string, limit: number): Promise<readonly SentMessage[]>;
  /** Forgets messages from before then, at most `limit` of them; how many it forgot. */
  purge(before: EpochMs, limit: number): Promise<number>;
};

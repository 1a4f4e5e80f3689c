/**
 * Messages that were written in the same transaction as the change they speak of (`t_local_message`), waiting to be appended to
 * the log by a relay. Writing them is the business of the store that made the change; this port is the relay's side.
 */
import type { LogRecord } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export type WaitingMessage = { readonly messageId: number; readonly attempts: number; readonly record: LogRecord };

/** It was tried `attempts` times, and is tried again at `nextAt`. */
export type FailingMessage = WaitingMessage & { readonly createdAt: EpochMs; readonly nextAt: EpochMs };

export type Outbox = {
  /** Messages whose time has come, oldest first. The same message is given again until it is marked. */
  pending(now: EpochMs, limit: number): Promise<readonly WaitingMessage[]>;
  /** They are in the log. Marking twice, or marking what is not there, does nothing. */
  sent(messageIds: readonly number[]): Promise<void>;
  /** They could not be sent: tried again after a growing pause, without end. */
  failed(messageIds: readonly number[], now: EpochMs): Promise<void>;
  /** Those that could not be sent so far, oldest first. */
  failing(limit: number): Promise<readonly FailingMessage[]>;
  /** Their pause is over: the operator has fixed what kept them. */
  hurry(messageIds: readonly number[], now: EpochMs): Promise<void>;
  /** How many wait, and since when the oldest does. */
  backlog(): Promise<{ readonly count: number; readonly oldestAt: EpochMs | null }>;
};

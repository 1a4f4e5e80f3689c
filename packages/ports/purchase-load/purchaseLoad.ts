/**
 * How busy the processes are that sell, as each says of itself about once a second while people buy. Who has not spoken for a few seconds has nobody
 * who buys.
 */
import type { RunId } from "@chepiao/contracts";
import { type EpochMs, secondMs } from "@chepiao/kernel";

export type ProcessLoad = {
  /** Purchases that were decided at a time, at most, since it spoke last. */
  readonly waiting: number;
  /** For how long an order that was accepted has been waiting to be written to SQL. */
  readonly unwrittenMs: number;
  /** Of which runs people tried to buy since it spoke last, and how often: some of those that were tried most. */
  readonly tries: Readonly<Record<RunId, number>>;
};

export type PurchaseLoad = {
  /** Instead of what that process said before. */
  note(process: string, load: ProcessLoad, now: EpochMs): Promise<void>;
  /** What was said lately. */
  recent(now: EpochMs): Promise<readonly ProcessLoad[]>;
};

export const loadFreshMs = 5 * secondMs;

/**
 * Brings an order's id back once its time to pay is over: the same time for every order. What comes back is a hint and not a
 * fact. The process that hears it looks at the order again, and a room that relies on it has a second way to find out (I4: the sweeper alone is
 * sufficient), because hints may come twice, late or, when there is nowhere to put them, never.
 */
import type { OrderId } from "@chepiao/kernel";

export type Delay = AsyncDisposable & {
  /**
   * Remembers the ids until their time is over. Never throws and never waits: what cannot be remembered is dropped and counted,
   * so that nobody's purchase waits for a hint.
   */
  schedule(orderIds: readonly OrderId[]): void;
  /**
   * Hands over what is due, in batches, one at a time, shared with everybody else who listens. When `handle` throws, the same
   * batch comes again after a pause.
   */
  listen(handle: (orderIds: readonly OrderId[]) => Promise<void>): AsyncDisposable;
  readonly counters: DelayCounters;
};

export type DelayCounters = {
  /** Handed in. */
  readonly scheduled: number;
  /** Of these, not remembered. */
  readonly dropped: number;
  /** Handed over and done. */
  readonly due: number;
};

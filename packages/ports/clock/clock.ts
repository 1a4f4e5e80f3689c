/** Time, as every room gets it: what it is, and being called when it has come. Nothing else in the platform reads a clock. */
import type { EpochMs } from "@chepiao/kernel";

export type Clock = {
  /** Never goes back by more than the machine's clock does; compared, never counted on to rise. */
  now(): EpochMs;
  /** Calls once, at or soon after the delay. The returned function takes it back and may be called at any time. */
  after(delayMs: number, call: () => void): () => void;
  /** Calls once what has come in by now was taken up: where things come one by one, those that come together are together. */
  soon(call: () => void): void;
};

export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => clock.after(delayMs, resolve));

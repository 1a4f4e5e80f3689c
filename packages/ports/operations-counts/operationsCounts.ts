/** Counts over all orders and all money, for the first page of whoever runs the platform: each is answered from an index, and reads no row of a table. */
import type { OrderState } from "@chepiao/contracts";
import type { EpochMs, Fen } from "@chepiao/kernel";

export type Counted = { readonly count: number; readonly oldestAt: EpochMs | null };
export type OrdersInState = { readonly state: OrderState; readonly orders: number; readonly tickets: number };

export type OperationsCounts = {
  /** Orders made since then, by what they are now. Null where they lie in too many places: the search counts them there. */
  ordersSince(since: EpochMs): Promise<readonly OrdersInState[] | null>;
  /** Money that arrived since then, and that was paid back since then. */
  moneySince(since: EpochMs): Promise<{ readonly capturedFen: Fen; readonly refundedFen: Fen }>;
  /** Entries of the waitlist that are in line, or are being served. */
  waitingEntries(): Promise<number>;
  /** Refunds that were tried and are still due, counted no further than `max`. */
  failedRefunds(max: number): Promise<Counted>;
  /** Mails that were refused or given up since then, counted no further than `max`. */
  failedMails(since: EpochMs, max: number): Promise<Counted>;
};

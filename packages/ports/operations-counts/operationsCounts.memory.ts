/** Counts that are said, and not counted: what tests of those who show them need. */
import { fen } from "@chepiao/kernel";
import type { Counted, OperationsCounts, OrdersInState } from "./operationsCounts.ts";

export type SaidCounts = {
  readonly orders?: readonly OrdersInState[] | null;
  readonly capturedFen?: number;
  readonly refundedFen?: number;
  readonly waiting?: number;
  readonly refunds?: Counted;
  readonly mails?: Counted;
};

const none: Counted = { count: 0, oldestAt: null };

export const createMemoryOperationsCounts = (said: SaidCounts = {}): OperationsCounts => ({
  ordersSince: async () => (said.orders === undefined ? [] : said.orders),
  moneySince: async () => ({ capturedFen: fen(said.capturedFen ?? 0), refundedFen: fen(said.refundedFen ?? 0) }),
  waitingEntries: async () => said.waiting ?? 0,
  failedRefunds: async () => said.refunds ?? none,
  failedMails: async () => said.mails ?? none,
});

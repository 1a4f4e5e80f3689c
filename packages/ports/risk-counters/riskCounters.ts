/**
 * What is counted of those who buy, by all processes together. A failover may lose the last second or so of it: then somebody is taken for quieter
 * than he is, or a challenge may be answered once more.
 */
import type { EpochMs, OrderId, UserId } from "@chepiao/kernel";

export type CountedAct = {
  readonly userId: UserId;
  readonly at: EpochMs;
  /** Null where it is counted by nobody, as this machine is. */
  readonly address: string | null;
  readonly network: string | null;
};

/** How all stands, with this act. */
export type ActCounts = {
  readonly accountPerMinute: number;
  readonly addressPerMinute: number | null;
  readonly networkPerMinute: number | null;
  /** Since the account's act before; null where there was none within a minute or two. */
  readonly spacingMs: number | null;
  readonly documentsPerDay: number;
  /** The most that a document of the account had. */
  readonly accountsPerDocument: number;
  readonly failuresPerTenMinutes: number;
  readonly unpaidPerDay: number;
};

/** `over`: it was answered rightly before, or wrongly too often. */
export type Attempted = "solved" | "wrong" | "over";

export type RiskCounters = {
  /** Counts each, and says how all stands. A promise only where it has to be asked for. */
  act(acts: readonly CountedAct[]): readonly ActCounts[] | Promise<readonly ActCounts[]>;
  /** Acts that came to nothing by our own fault are none; when there was one last stays as it is known. */
  takeBack(acts: readonly CountedAct[]): Promise<void>;
  /** Of an order, or of a challenge by its name. Noted again, it is the same failure. */
  failed(userId: UserId, what: OrderId | string, at: EpochMs): Promise<void>;
  /** Noted again, it is the same order. */
  endedUnpaid(userId: UserId, orderId: OrderId, at: EpochMs): Promise<void>;
  /** The account buys for these; noted again, they are the same documents. */
  buysFor(userId: UserId, documents: readonly string[], at: EpochMs): Promise<void>;
  /** An answer to a challenge: the first right one of no more than `triesMax` solves it, in one step however many come together. */
  attempt(challengeId: string, answer: Attempt): Promise<Attempted>;
  /** True for whoever spends it first, and for him as often as he does; what a drag has shown is spent by its challenge. It is kept for so long, or longer, as an answer is. */
  spend(challengeId: string, spender: string, leftMs: number): Promise<boolean>;
};

export type Attempt = {
  readonly isRight: boolean;
  readonly triesMax: number;
  /** It is kept for so long, or longer: until nobody can answer it, by any clock. */
  readonly leftMs: number;
};

/** Members that are counted of one account or document; more are as many. */
export const membersMax = 64;

/**
 * Acts of the last window, from two counts of windows that lie side by side: as if those of the one before had come evenly. By all of that window at
 * the most, it is wrong where they did not.
 */
export const slidingCount = (current: number, previous: number, at: number, windowMs: number): number =>
  current + Math.floor(previous * (1 - (at % windowMs) / windowMs));

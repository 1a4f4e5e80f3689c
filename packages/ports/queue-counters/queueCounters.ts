/**
 * Lots, places and counters of queues. Of each person there is one record: a lot with its place. All who wait are one number each: the last
 * place that was given, and the last that was called. Every step is indivisible, and may be asked for twice.
 */
import type { EpochMs, UserId } from "@chepiao/kernel";

export type QueueState = {
  /** Who came before the opening. */
  readonly lots: number;
  /** No lot is taken any more: who comes now is behind all of them. */
  readonly closed: boolean;
  readonly drawn: boolean;
  /** The last place that was given, and the last that was called. */
  readonly taken: number;
  readonly served: number;
  /** Places up to this one were called so long ago that who has not come has lost his. */
  readonly lost: number;
  /** As the last pass noted it. */
  readonly seats: number | null;
};

export type JoinQueue = {
  readonly lot: string;
  readonly userId: UserId;
  readonly now: EpochMs;
  readonly opensAt: EpochMs;
  /** From a place that we signed; 0 where there is none. What the counters have lost is had again from it. */
  readonly known: number;
  readonly stayMs: number;
};

/** The place of a lot, 0 until it is drawn; or that another account has this lot. */
export type JoinedQueue = number | "other";

export type ServeQueue = {
  /** How many more are called. */
  readonly count: number;
  readonly now: EpochMs;
  readonly calledMs: number;
  readonly keepMs: number;
  readonly seats: number | null;
};

export type EnterQueue = {
  readonly lot: string;
  readonly userId: UserId;
  /** As it was signed; 0 for a lot that has not heard its place. */
  readonly position: number;
  readonly now: EpochMs;
  readonly insideMs: number;
  readonly activeMax: number;
  readonly stayMs: number;
};

export type EnteredQueue = {
  readonly turn: "waits" | "inside" | "full" | "lost" | "other";
  readonly position: number;
};

export type QueueCounters = {
  state(queueId: string): Promise<QueueState>;
  /**
   * The lot's place. Before the opening that is a lot to be drawn; from then on the next place. Who has one gets the same, unless it is lost: then
   * the next one.
   */
  join(queueId: string, asked: JoinQueue): Promise<JoinedQueue>;
  /** From now on places are given one after the other, behind all lots. */
  close(queueId: string): Promise<void>;
  /** Lots that wait for the draw, some at a time, in no order; one may come twice. */
  collected(queueId: string): AsyncIterable<readonly string[]>;
  /** Gives lots the places from that one on. */
  place(queueId: string, first: number, lots: readonly string[]): Promise<void>;
  /** So many have been drawn: the next place is behind them. */
  drawn(queueId: string, count: number): Promise<void>;
  /** What is known to have been given and called: lower numbers here are raised to it, as after a failover. */
  raise(queueId: string, known: { readonly taken: number; readonly served: number }): Promise<void>;
  /** Calls the next, who have a place inside kept free for a moment. */
  serve(queueId: string, asked: ServeQueue): Promise<QueueState>;
  /** Comes in where it was called, and stays in where it is. */
  enter(queueId: string, asked: EnterQueue): Promise<EnteredQueue>;
  leave(queueId: string, lot: string): Promise<void>;
  /** Who is inside, or has a place there kept free. */
  inside(queueId: string, now: EpochMs): Promise<number>;
  forget(queueId: string): Promise<void>;
};

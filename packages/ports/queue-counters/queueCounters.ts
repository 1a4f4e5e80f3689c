/**
 * Lots, places and counters of queues. Of each person there is one record: a lot with its place. All who wait are one number each: the last
 * place that was given, and the last that was called. Every step is indivisible, and may be asked for twice.
 *
 * A place is a number: from 1 on once it is known, 0 for a lot that waits for the draw, and below 0 for who came between the opening and the
 * draw: -1 is the first behind all lots, however many those will be.
 */
import type { TakenLot } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";

export type QueueState = {
  /** Who came before the opening. */
  readonly lots: number;
  /** No lot is taken any more, not even one that we signed and that was lost here. */
  readonly closed: boolean;
  readonly drawn: boolean;
  /** The last place that was given, and the last that was called; 0 before the draw. */
  readonly taken: number;
  readonly served: number;
  /** Places up to this one were called so long ago that who has not come has lost his. */
  readonly lost: number;
  /** As the last pass noted it. */
  readonly seats: number | null;
};

export type JoinQueue = {
  /** The person's; an account that has another one keeps that. */
  readonly lot: string;
  readonly userId: UserId;
  readonly now: EpochMs;
  readonly opensAt: EpochMs;
  /** A place that we signed for this lot; null where there is none. What the counters have lost is had again from it. */
  readonly known: number | null;
  readonly stayMs: number;
};

/** The account's lot with its place; or that another account has this lot. */
export type JoinedQueue = { readonly lot: string; readonly position: number } | "other";

export type ServeQueue = {
  /** How many more are called. */
  readonly count: number;
  readonly now: EpochMs;
  readonly calledMs: number;
  readonly keepMs: number;
  readonly activeMax: number;
  readonly seats: number | null;
};

export type EnterQueue = {
  readonly lot: string;
  readonly userId: UserId;
  /** As it was signed. */
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
   * The lot's place. Before the opening that is a lot to be drawn; from then on the next place behind all lots. Who has one gets the same, unless it is
   * lost: then the next one. An account has one lot, whoever it says it is later.
   */
  join(queueId: string, asked: JoinQueue): Promise<JoinedQueue>;
  /** Lots as they were taken before; those that are here stay as they are. */
  take(queueId: string, lots: readonly TakenLot[]): Promise<void>;
  /** From now on no lot is taken. */
  close(queueId: string): Promise<void>;
  /** Lots that wait for the draw, some at a time, in no order; one may come twice. */
  collected(queueId: string): AsyncIterable<readonly string[]>;
  /** Gives lots the places from that one on. */
  place(queueId: string, first: number, lots: readonly string[]): Promise<void>;
  /** So many have been drawn: the next place is behind them. */
  drawn(queueId: string, count: number): Promise<void>;
  /** What is known to have been given and called: lower numbers here are raised to it, as after a failover. */
  raise(queueId: string, known: { readonly taken: number; readonly served: number }): Promise<void>;
  /**
   * Keeps room inside free, first for those who were called, came late and found it full, in the order of their places; then calls the next, as many
   * as there is room left for.
   */
  serve(queueId: string, asked: ServeQueue): Promise<QueueState>;
  /** Comes in where it was called, and stays in where it is. Who finds it full and goes on asking loses nothing by waiting. */
  enter(queueId: string, asked: EnterQueue): Promise<EnteredQueue>;
  leave(queueId: string, lot: string): Promise<void>;
  /** Who is inside, or has a place there kept free. */
  inside(queueId: string, now: EpochMs): Promise<number>;
  forget(queueId: string): Promise<void>;
};

/** What people sent and were told: the platform is held to it afterwards. */
import type {
  Accepted,
  Challenge,
  ChangeRequest,
  OrderLines,
  OrderRequest,
  QueueTurn,
  SlideDrag,
} from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";
import type { GateEvent } from "@chepiao/ports/gate-store";
import { createJudgedBook, type JudgedBook } from "../audit/judged.ts";

export type Purchase = {
  readonly key: string;
  readonly userId: UserId;
  readonly lines: OrderLines<OrderRequest>;
  /** Of one that is to replace tickets of an order. */
  readonly change?: { readonly orderNo: string; readonly body: ChangeRequest };
  /** Order numbers that were answered with 202. */
  readonly accepted: Set<string>;
  /** Times that it was refused for good: nothing can have become of it. */
  refused: number;
  /** Times that nobody knows what became of it. */
  unknown: number;
  /** Requests that are still on their way. */
  underWay: number;
};

/** An entry of the waitlist that somebody asked for, under its key. */
export type AskedEntry = {
  readonly userId: UserId;
  /** Numbers that were answered with 201. */
  readonly answered: Set<string>;
};

/** What somebody was answered of a place in a queue. */
export type ToldPlace = {
  readonly queueId: string;
  /** The person, whatever the account; an account that has proved none is one of its own. */
  readonly owner: number;
  readonly userId: UserId;
  readonly lot: string;
  /** As it was signed: 0 waits for the draw. */
  readonly signed: number;
  /** Was the text of a place before shown? */
  readonly isShown: boolean;
  readonly at: EpochMs;
  /** Null for who was not asking for a turn. */
  readonly turn: QueueTurn["turn"] | null;
  /** Until when the pass lasts that came with it. */
  readonly passUntil: number | null;
};

export type Told = {
  readonly purchases: Map<string, Purchase>;
  readonly entries: Map<string, AskedEntry>;
  /** Tickets that somebody asked to give back. */
  readonly givenBack: Set<string>;
  /** What gates were told is kept. */
  readonly passages: GateEvent[];
  /** Accounts that were deleted, and when their owners were told so. */
  readonly left: Map<UserId, EpochMs>;
  readonly judged: JudgedBook;
  /** Challenges and proofs that were given lately, by which others try to get through. */
  readonly strayChallenges: { readonly userId: UserId; readonly challenge: Challenge }[];
  readonly strayProofs: string[];
  /** Drags that have solved a challenge. */
  readonly strayDrags: SlideDrag[];
  /** Who asked for a place in which queue: `queue owner`. */
  readonly askedPlaces: Set<string>;
  readonly places: ToldPlace[];
  /** The root of lots by queue, as people saw it first. */
  readonly roots: Map<string, string>;
  /** What a person saw that can never be right. */
  readonly wrong: string[];
  readonly counts: Map<string, number>;
  count(what: string): void;
};

export function createTold(): Told {
  const counts = new Map<string, number>();
  return {
    purchases: new Map(),
    entries: new Map(),
    givenBack: new Set(),
    passages: [],
    left: new Map(),
    judged: createJudgedBook(),
    strayChallenges: [],
    strayProofs: [],
    strayDrags: [],
    askedPlaces: new Set(),
    places: [],
    roots: new Map(),
    wrong: [],
    counts,
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
  };
}

export type Bought = Pick<Accepted, "orderNo" | "totalFen" | "payBy">;

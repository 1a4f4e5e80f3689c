/** Who is blocked, and what was decided of whom: what must outlive a restart, and be told afterwards. */
import type { RiskMode, RiskSignal, RiskSignals } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";

/** `account 123`, `address 203.0.113.7` (of IPv6 a /64) or `network 203.0.113.0/24`. */
export type BlockSubject = `${"account" | "address" | "network"} ${string}`;

export type RiskBlock = {
  /** By which who is blocked may ask why. */
  readonly blockId: string;
  readonly subject: BlockSubject;
  readonly reason: string;
  readonly since: EpochMs;
  /** Null: until it is taken back. */
  readonly until: EpochMs | null;
};

/** Why points were given. */
export type RiskReason = { readonly signal: RiskSignal; readonly value: number; readonly points: number };

export type RiskDecision = {
  readonly userId: UserId;
  readonly at: EpochMs;
  readonly mode: RiskMode;
  /** `solved`: a challenge that had been solved let it through. `allow`: one of many that nothing was decided against. */
  readonly decided: "allow" | "challenge" | "solved" | "refuse" | "blocked";
  readonly points: number;
  readonly reasons: readonly RiskReason[];
  /** All that was measured; null where nothing was, as of who is blocked, or where it was not kept. */
  readonly signals: RiskSignals | null;
};

/** Stored by place: grows at its end only. */
export const appealOutcomes = ["open", "granted", "refused"] as const;

/** What an account says against a block, once for each; `answer` and `decidedAt` are null while it is open. */
export type RiskAppeal = {
  readonly blockId: string;
  readonly userId: UserId;
  readonly text: string;
  readonly at: EpochMs;
  readonly outcome: (typeof appealOutcomes)[number];
  readonly answer: string | null;
  readonly decidedAt: EpochMs | null;
};
export type AppealDecision = {
  readonly isGranted: boolean;
  readonly answer: string;
  readonly at: EpochMs;
};

export type RiskStore = {
  /** All that are not over by then, oldest first. */
  blocks(now: EpochMs): Promise<readonly RiskBlock[]>;
  /** One that there is of the same subject is replaced. */
  block(block: RiskBlock): Promise<void>;
  /** False where the subject is not blocked. */
  unblock(subject: BlockSubject): Promise<boolean>;
  /** Of one account at one instant the first is kept. */
  note(decisions: readonly RiskDecision[]): Promise<void>;
  /** Newest first. */
  decisionsOf(userId: UserId, limit: number): Promise<readonly RiskDecision[]>;
  /** Of all accounts, newest first. */
  decisionsSince(since: EpochMs, limit: number): Promise<readonly RiskDecision[]>;
  /** Of an account against a block the first is kept; which one that is. */
  appeal(appeal: Pick<RiskAppeal, "blockId" | "userId" | "text" | "at">): Promise<RiskAppeal>;
  /** Newest first. */
  appealsOf(userId: UserId, limit: number): Promise<readonly RiskAppeal[]>;
  /** Of all accounts, newest first; `open` those alone that are open and whose block is there, oldest first. */
  appeals(which: "open" | "all", limit: number): Promise<readonly RiskAppeal[]>;
  /** Of all that are open against a block, at once with lifting it where that is granted. How many they were; where none, nothing changes. */
  decideAppeals(blockId: string, decision: AppealDecision): Promise<number>;
  /** Decisions from before then, blocks that had ended by then, and appeals that were decided by then or came before it against a block that is gone. */
  forget(before: EpochMs): Promise<void>;
};

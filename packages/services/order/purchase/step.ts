/**
 * What a purchase passes through between its request and its answer. A step decides a whole batch, so that one call to each store serves
 * many; what it took for a purchase that a later step turns away is given back by its own `undo`, written beside it.
 */
import {
  type Held,
  type OrderAccepted,
  isUndecided,
  type Refusal,
  refusal,
  type Reply,
  ServiceUnavailable,
  type Timetable,
} from "@chepiao/contracts";
import type { EpochMs, OrderId, OrderNo, Result } from "@chepiao/kernel";
import type { PlannedChange } from "../change/plan.ts";
import type { OrderRules } from "../rules.ts";
import type { SubmitCommand } from "./command.ts";
import { onLine, type Plan } from "./plan.ts";

/** What the buyer is told. */
export type Answer = Result<Reply, Refusal>;

/** A purchase on its way. What is null at first is filled in by the steps that plan, hold and record: plans and what is held line by line. */
export type Draft = {
  readonly command: SubmitCommand;
  readonly orderId: OrderId;
  readonly orderNo: OrderNo;
  /** When it was asked for. */
  readonly at: EpochMs;
  /** Its key was taken by an earlier attempt under the same id, which may have become an order, or may yet. */
  isAgain: boolean;
  /** What it was planned by, and is priced by, whatever holds by then; the rules of its policy; and until when it can then be paid. */
  trains: Timetable | null;
  rules: OrderRules | null;
  payBy: EpochMs | null;
  plans: readonly Plan[] | null;
  held: readonly Held[] | null;
  /** Of one that replaces tickets, once it is planned. */
  change: PlannedChange | null;
  order: OrderAccepted | null;
};

/** Why a purchase leaves the road before its end. */
export type Verdict = Ended | Known | Unknown;

/** It ends without an order, and what it took is given back. */
export type Ended = {
  /**
   * `refused`: what was asked for cannot be had, and a buyer who asks again under the same key hears the same. `failed`: our own fault, or a room
   * is away; the key is free for another try.
   */
  readonly kind: "refused" | "failed";
  readonly refusal: Refusal;
  /** One of its lines was refused by a step that had got something for others: what that step took is given back, too. */
  readonly inPart?: true;
};

/** It has been answered before, or is about to be: this one took nothing and hears the same. */
export type Known = { readonly kind: "known"; readonly answer: Answer | Promise<Answer> };

/** Nobody can say whether it has become an order. It is told so, and keeps what it took until it is known. */
export type Unknown = { readonly kind: "unknown"; readonly refusal: Refusal };

/** One entry a purchase, in order; null for those that go on. Instead of a list of nothing but those: null. */
export type Verdicts = readonly (Verdict | null)[] | null;

export type Step = {
  /** As reports name it. */
  readonly name: string;
  /**
   * Takes what each purchase needs here, or says why it goes no further; one that is refused has taken nothing here, or says `inPart`. Answers at once where
   * there is nothing to wait for. A throw means all of them, and that nobody knows what was taken.
   */
  do(drafts: readonly Draft[]): Verdicts | Promise<Verdicts>;
  /**
   * Gives back what one purchase took here, or may have taken; doing it for one that took nothing, or twice, changes nothing. Null where a step
   * takes nothing.
   */
  readonly undo: ((draft: Draft, ended: Ended) => Promise<void>) | null;
  /** The next batch begins without waiting for this step. */
  readonly inBackground?: true;
};

export const internal = refusal("Internal");
export const overloaded = refusal("Overloaded", { retryAfterSeconds: 1 });

/** An engine or a room is away, which ends by itself; anything else is our own fault. */
export const reasonOf = (error: unknown): Refusal => (error instanceof ServiceUnavailable ? error.refusal : internal);
export const failed = (reason: Refusal): Ended => ({ kind: "failed", refusal: reason });
export const unknown = (reason: Refusal): Unknown => ({ kind: "unknown", refusal: reason });
export const refused = (reason: Refusal): Ended => ({ kind: "refused", refusal: reason });
/** Who could not decide is asked again under the same key. */
export const endedBy = (reason: Refusal): Ended => (isUndecided(reason) ? failed(reason) : refused(reason));

/** Something for every line of every purchase, in their order. */
export function byLine<T>(drafts: readonly Draft[], of: (draft: Draft, plan: Plan, line: number) => T): T[] {
  const all: T[] = [];
  for (const draft of drafts)
    for (let line = 0; line < draft.plans!.length; line++) all.push(of(draft, draft.plans![line]!, line));
  return all;
}

/** Verdicts by the answers of a port, which are in the order of what was asked: purchase by purchase, and line by line. */
export function verdictsOf(drafts: readonly Draft[], answers: readonly Result<unknown, Refusal>[]): Verdicts {
  if (answers.every(({ ok }) => ok)) return null;
  let next = 0;
  return drafts.map(({ plans }) => verdictOf(answers.slice(next, (next += plans!.length))));
}

/** All lines or none. */
function verdictOf(answers: readonly Result<unknown, Refusal>[]): Verdict | null {
  const line = answers.findIndex(({ ok }) => !ok);
  const answer = answers[line];
  if (!answer || answer.ok) return null;
  const ended = endedBy(onLine(answer.error, line, answers.length));
  return answers.some(({ ok }) => ok) ? { ...ended, inPart: true } : ended;
}

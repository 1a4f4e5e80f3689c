/** Step 2: is this purchase new? One that comes again under its `Idempotency-Key` hears what the first one heard (I7). */
import { refusal } from "@chepiao/contracts";
import { type OrderId, refuse } from "@chepiao/kernel";
import type { Entry, Submissions } from "@chepiao/ports/submissions";
import { type Answer, type Draft, failed, type Step, type Verdict } from "./step.ts";

export type KeyStepDeps = {
  readonly submissions: Pick<Submissions, "enter" | "refused" | "withdrawn">;
  /** What the purchase that had the key first was, or will be, answered. */
  readonly firstAnswer: (orderId: OrderId) => Promise<Answer>;
};

export const createKeyStep = ({ submissions, firstAnswer }: KeyStepDeps): Step => ({
  name: "key",
  async do(drafts) {
    const entries = await submissions.enter(drafts.map(submissionOf));
    return entries.map((entry, n): Verdict | null => {
      if (entry.kind === "new") return null;
      if (entry.kind === "away") return failed(entry.refusal);
      // Of an entry of the waitlist, whose order has its id before: it was asked for by a process that is gone, or has not heard whether it is
      // in the log. Waiting for it would be waiting for itself; doing all again under one id is doing it once.
      const draft = drafts[n]!;
      if (entry.kind === "same" && entry.orderId === draft.orderId) {
        draft.isAgain = true;
        return null;
      }
      return { kind: "known", answer: answerUnder(entry, firstAnswer) };
    });
  },
  undo: ({ command: { userId, key }, orderId }, ended) =>
    ended.kind === "refused"
      ? submissions.refused(userId, key, ended.refusal)
      : submissions.withdrawn(userId, key, orderId),
});

/** What one hears whose key is not new. */
export function answerUnder(
  entry: Exclude<Entry, { readonly kind: "new" }>,
  firstAnswer: KeyStepDeps["firstAnswer"],
): Answer | Promise<Answer> {
  if (entry.kind === "other") return refuse(refusal("IdempotencyKeyReused"));
  return entry.kind === "same" ? firstAnswer(entry.orderId) : refuse(entry.refusal);
}

export const submissionOf = ({ command, orderId, at }: Draft) => ({
  userId: command.userId,
  key: command.key,
  requestHash: command.requestHash,
  orderId,
  at,
});

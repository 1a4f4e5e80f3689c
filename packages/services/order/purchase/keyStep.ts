/** Step 1: is this purchase new? One that comes again under its `Idempotency-Key` hears what the first one heard (I7). */
import { refusal } from "@chepiao/contracts";
import { type OrderId, refuse } from "@chepiao/kernel";
import type { Submissions } from "@chepiao/ports/submissions";
import type { Answer, Draft, Step, Verdict } from "./step.ts";

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
      // Of an entry of the waitlist, whose order has its id before: it was asked for by a process that is gone, or has not heard whether it is
      // in the log. Waiting for it would be waiting for itself; doing all again under one id is doing it once.
      const draft = drafts[n]!;
      if (entry.kind === "same" && entry.orderId === draft.orderId) {
        draft.isAgain = true;
        return null;
      }
      if (entry.kind === "other") return { kind: "known", answer: refuse(refusal("IdempotencyKeyReused")) };
      if (entry.kind === "refused") return { kind: "known", answer: refuse(entry.refusal) };
      return { kind: "known", answer: firstAnswer(entry.orderId) };
    });
  },
  undo: ({ command: { userId, key }, orderId }, ended) =>
    ended.kind === "refused"
      ? submissions.refused(userId, key, ended.refusal)
      : submissions.withdrawn(userId, key, orderId),
});

const submissionOf = ({ command, orderId, at }: Draft) => ({
  userId: command.userId,
  key: command.key,
  requestHash: command.requestHash,
  orderId,
  at,
});

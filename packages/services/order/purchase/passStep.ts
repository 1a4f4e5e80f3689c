/**
 * Step 1: while a queue is on, only those buy whom it has let in. Which queues there are is in memory, and a pass is signed, so nobody is asked.
 * Who has no pass takes nothing and holds nobody up: it is only looked up whether the purchase was made before, under the same key, and has its
 * answer.
 */
import { type AnnouncedQueuesClient, type Refusal, refusal, runId } from "@chepiao/contracts";
import { refuse, type ServiceDate } from "@chepiao/kernel";
import type { Entry, Submissions } from "@chepiao/ports/submissions";
import type { QueuePasses } from "@chepiao/room";
import { isOwed } from "./command.ts";
import { answerUnder, type KeyStepDeps, submissionOf } from "./keyStep.ts";
import { type Answer, type Draft, reasonOf, type Step, type Verdict } from "./step.ts";

export type PassStepDeps = {
  readonly queues: AnnouncedQueuesClient;
  readonly passes: QueuePasses;
  readonly submissions: Pick<Submissions, "findKeys">;
  readonly firstAnswer: KeyStepDeps["firstAnswer"];
};

export function createPassStep({ queues, passes, submissions, firstAnswer }: PassStepDeps): Step {
  function turnedAway({ command, at }: Draft): Refusal | null {
    if (isOwed(command)) return null;
    const { userId } = command;
    for (const { trainNumber, originDate } of command.lines) {
      const queue = queues.gateOf(runId(trainNumber, originDate as ServiceDate), at);
      if (!queue || passes.admits(command.asker.pass, { queueId: queue.queueId, userId }, at)) continue;
      return refusal("QueueOn", { queue: queue.queueId });
    }
    return null;
  }

  /** One question for all of them; never rejects. */
  async function answerOf(asked: Promise<readonly Entry[]>, n: number, why: Refusal): Promise<Answer> {
    try {
      const entry = (await asked)[n]!;
      return entry.kind === "new" ? refuse(why) : await answerUnder(entry, firstAnswer);
    } catch (error) {
      return refuse(reasonOf(error));
    }
  }

  function decide(drafts: readonly Draft[]): readonly (Verdict | null)[] | null {
    const whys = drafts.map(turnedAway);
    if (!whys.some((why) => why)) return null;
    const letOn = new Map(drafts.filter((_, n) => !whys[n]).map((draft) => [keyOf(draft), draft]));
    const beside = drafts.map((draft, n) => (whys[n] ? answerBeside(letOn.get(keyOf(draft)), draft) : null));
    const unknown = drafts.filter((_, n) => whys[n] && !beside[n]);
    const asked = submissions.findKeys(unknown.map(submissionOf));
    let place = 0;
    return whys.map((why, n) => why && { kind: "known", answer: beside[n] ?? answerOf(asked, place++, why) });
  }

  /** A first attempt that goes on beside its repetition has not taken the key yet. */
  function answerBeside(
    first: Draft | undefined,
    { command: { requestHash } }: Draft,
  ): Answer | Promise<Answer> | null {
    if (!first) return null;
    const isSame = first.command.requestHash === requestHash;
    return answerUnder(isSame ? { kind: "same", orderId: first.orderId } : { kind: "other" }, firstAnswer);
  }

  return {
    name: "pass",
    // Mostly no queue is announced, and this is all that it costs.
    do: (drafts) => (queues.all().length === 0 ? null : decide(drafts)),
    undo: null,
  };
}

const keyOf = ({ command: { userId, key } }: Draft): string => `${userId} ${key}`;

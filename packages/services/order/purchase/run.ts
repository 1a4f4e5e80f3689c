/**
 * Takes batches of purchases through the steps. One that ends on the way leaves alone: what its steps took is undone from the last one
 * backwards, and it is answered when that is done, while the others go on.
 */
import { refuse } from "@chepiao/kernel";
import {
  type Answer,
  type Draft,
  type Ended,
  failed,
  overloaded,
  reasonOf,
  type Step,
  type Verdict,
  type Verdicts,
} from "./step.ts";

export type RunDeps = {
  /** One of the two is called once for each purchase: it went all the way and has its order, or it left before. */
  readonly accepted: (draft: Draft) => void;
  readonly settle: (draft: Draft, answer: Answer) => void;
  /** Whether an earlier attempt under the id of this one is an order, or may be in the log. */
  readonly mayBeOrder: (draft: Draft) => Promise<boolean>;
  readonly report: (message: string, error: unknown) => void;
};

/** What it answers resolves when the next batch may begin, and never rejects. */
export type Run = (drafts: readonly Draft[]) => Promise<void>;

export function createRun(steps: readonly Step[], { accepted, settle, mayBeOrder, report }: RunDeps): Run {
  async function run(drafts: readonly Draft[], first: number): Promise<void> {
    const leaving: Promise<void>[] = [];
    let going = drafts;
    for (let n = first; n < steps.length && going.length > 0; n++) {
      const step = steps[n]!;
      if (step.inBackground && n > first) {
        void run(going, n);
        going = [];
        break;
      }
      let verdicts: Verdicts;
      try {
        const doing = step.do(going);
        verdicts = doing instanceof Promise ? await doing : doing;
      } catch (error) {
        report(`purchases could not be decided: ${step.name}`, error);
        const ended = failed(reasonOf(error));
        verdicts = going.map(() => ended);
      }
      if (verdicts !== null) going = sift(going, verdicts, n, leaving);
    }
    for (const draft of going) accepted(draft);
    if (leaving.length > 0) await Promise.all(leaving);
  }

  /** Those that go on. */
  function sift(going: readonly Draft[], verdicts: readonly (Verdict | null)[], at: number, leaving: Promise<void>[]) {
    return going.filter((draft, n) => {
      const verdict = verdicts[n];
      if (!verdict) return true;
      if (verdict.kind === "known") hear(draft, verdict.answer);
      else if (verdict.kind === "unknown") settle(draft, refuse(verdict.refusal));
      else leaving.push(end(draft, at, verdict));
      return false;
    });
  }

  /** Nobody else waits for it: it may be another purchase of the same batch that it is to hear of. */
  function hear(draft: Draft, answer: Answer | Promise<Answer>) {
    if (answer instanceof Promise) void answer.then((first) => settle(draft, first));
    else settle(draft, answer);
  }

  /**
   * Never rejects. Who is refused took nothing in the step that refused, unless for other lines; who fails may have. A refusal that cannot be carried out is a failure,
   * and what a failure cannot take back ends by itself: with the deadline of the hold at the latest.
   */
  async function end(draft: Draft, at: number, ended: Ended): Promise<void> {
    // What it took is the earlier attempt's, too, and what that becomes counts.
    if (draft.isAgain && (await mayBeOrder(draft).catch(() => true))) return settle(draft, refuse(overloaded));
    const isRefused = ended.kind === "refused";
    const undone = await Promise.allSettled(undo(draft, isRefused && !ended.inPart ? at - 1 : at, ended));
    const faults = undone.filter((each) => each.status === "rejected").map(({ reason }) => reason as unknown);
    for (const fault of faults) report(`what a ${ended.kind} purchase had taken could not be given back`, fault);
    if (isRefused && faults.length > 0) return end(draft, at, failed(reasonOf(faults[0])));
    settle(draft, refuse(ended.refusal));
  }

  /** Begun from the last step backwards, and not waited for one by one: where nobody answers, each takes as long as its port waits. */
  function undo(draft: Draft, last: number, ended: Ended): Promise<void>[] {
    const undoing: Promise<void>[] = [];
    for (let n = last; n >= 0; n--) {
      try {
        const begun = steps[n]!.undo?.(draft, ended);
        if (begun) undoing.push(begun);
      } catch (error) {
        undoing.push(Promise.reject(error));
      }
    }
    return undoing;
  }

  return (drafts) => run(drafts, 0);
}
